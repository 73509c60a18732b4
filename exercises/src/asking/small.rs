//! Stand-ins for small machines and watchers whose learner's part is in the answer's process.

use quorate_answer::grade::test::Watch;
use quorate_answer::hybrid::{Hybrid, HybridStamp};
use quorate_answer::network::{Attempt, Call, Caller, Clock, Memory, Operation, Quorum, Report, Stamp};
use quorate_answer::seal::{Fence, Grant, Sealed};
use quorate_answer::suspicion::{Rhythm, Suspicion};
use quorate_protocol::{ClientId, Data, Duration, NodeId, RequestId, Time};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::present::{nameless, present};
use super::state::State;
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grade::hybrid::hybrid_clock;
use crate::grade::network;
use crate::grade::seals::sealed_token;
use crate::grade::suspicion::level_of_suspicion;
use crate::grade::test::{FactStream, Watcher};
use crate::grading::{Failed, Grading};

/// Grades the learner's part of a small machine.
///
/// # Errors
/// [`Failed`], if a case failed.
pub(super) fn network(exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    match exercise.id {
        "at-most-once" => network::calls::at_most_once::<AskedMemory>().grade(exercise, grading),
        "lamport-clock" => network::clocks::lamport_clock::<AskedClock>().grade(exercise, grading),
        "majority" => network::quorums::majority::<Nowhere>().grade(exercise, grading),
        _ => network::timeouts::retry_safely::<Nowhere>().grade(exercise, grading),
    }
}

/// Grades the fence of a resource that does not trust its writers.
///
/// # Errors
/// [`Failed`], if a case failed.
pub(super) fn seals(exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    sealed_token::<Nowhere>().grade(exercise, grading)
}

/// Grades a clock or a failure detector that belongs to no protocol.
///
/// # Errors
/// [`Failed`], if a case failed.
pub(super) fn time(exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    match exercise.id {
        "time-phi" => level_of_suspicion::<Nowhere>().grade(exercise, grading),
        _ => hybrid_clock::<Nowhere>().grade(exercise, grading),
    }
}

/// Grades a watcher.
///
/// # Errors
/// [`Failed`], if a case failed.
pub(super) fn watch(exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    match exercise.id {
        "test-promises" | "test-one-chosen" => tried::<quorate_paxos::Fact>(exercise, grading),
        "test-one-holder" => tried::<quorate_locks::Fact>(exercise, grading),
        "test-one-outcome" => tried::<quorate_transactions::two_phase::Fact>(exercise, grading),
        "test-handed-on" => tried::<quorate_transactions::outbox::Fact>(exercise, grading),
        "test-no-older-read" => tried::<quorate_replication::register::Fact>(exercise, grading),
        "test-one-primary" | "test-fenced-writes" => tried::<quorate_lease::Fact>(exercise, grading),
        _ => tried::<quorate_raft::Fact<quorate_raft::KeyValue>>(exercise, grading),
    }
}

fn tried<F: FactStream>(exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    Watcher::<AskedWatch<F>>::default().grade(exercise, grading)
}

#[derive(Clone)]
struct AskedMemory(State);

impl Default for AskedMemory {
    fn default() -> Self {
        AskedMemory(State::fresh())
    }
}

impl Memory for AskedMemory {
    fn arrived(&self, ticket: RequestId) -> Call {
        nameless(|| self.0.ask("arrived", &ticket))
    }

    fn executed(&mut self, ticket: RequestId, answer: u64) {
        nameless(|| self.0.change("executed", &(ticket, answer)))
    }
}

#[derive(Clone)]
struct AskedClock(State);

impl Default for AskedClock {
    fn default() -> Self {
        AskedClock(State::fresh())
    }
}

impl Clock for AskedClock {
    fn tick(&mut self) -> u64 {
        self.0.change("tick", &())
    }

    fn send(&mut self) -> u64 {
        self.0.change("send", &())
    }

    fn receive(&mut self, carried: u64) -> u64 {
        self.0.change("receive", &carried)
    }

    fn before(a: Stamp, b: Stamp) -> bool {
        stateless("before", &(a, b))
    }
}

/// Stand-in for parts without state.
struct Nowhere;

fn stateless<T: DeserializeOwned>(what: &str, given: &impl Serialize) -> T {
    present().remembered(what, given, &mut |_| None)
}

impl Quorum for Nowhere {
    fn is_quorum(members: &[NodeId], replied: &[NodeId]) -> bool {
        stateless("is_quorum", &(members, replied))
    }

    fn may_fail(members: usize) -> usize {
        stateless("may_fail", &members)
    }
}

impl Fence for Nowhere {
    fn admits(server: NodeId, resource: NodeId, highest: Option<u64>, shown: &Sealed<Grant>) -> bool {
        stateless("admits", &(server, resource, highest, shown))
    }
}

impl Hybrid for Nowhere {
    fn event(own: HybridStamp, physical: Time) -> HybridStamp {
        stateless("event", &(own, physical))
    }

    fn receive(own: HybridStamp, carried: HybridStamp, physical: Time) -> HybridStamp {
        stateless("receive", &(own, carried, physical))
    }
}

/// Numbers with a point travel as their bits.
impl Suspicion for Nowhere {
    fn observe(kept: &[Duration], interval: Duration, window: usize) -> Vec<Duration> {
        stateless("observe", &(kept, interval, window))
    }

    fn rhythm(kept: &[Duration], first: Duration, least: Duration) -> Rhythm {
        let (mean, deviation) = stateless("rhythm", &(kept, first, least));
        Rhythm { mean: f64::from_bits(mean), deviation: f64::from_bits(deviation) }
    }

    fn phi(silence: Duration, rhythm: Rhythm) -> f64 {
        f64::from_bits(stateless("phi", &(silence, rhythm.mean.to_bits(), rhythm.deviation.to_bits())))
    }

    fn suspects(phi: Option<f64>, threshold: f64) -> bool {
        stateless("suspects", &(phi.map(f64::to_bits), threshold.to_bits()))
    }
}

impl Caller for Nowhere {
    fn asks_again(operation: Operation, attempts: &[Attempt]) -> bool {
        stateless("asks_again", &(operation, attempts))
    }

    fn report(attempts: &[Attempt]) -> Report {
        stateless("report", &attempts)
    }
}

/// Watcher in the answer's process. It receives the names of its run before the first fact, to use
/// them in its objections.
struct AskedWatch<F> {
    state: State,
    knows_names: bool,
    facts: std::marker::PhantomData<fn(F)>,
}

impl<F> Clone for AskedWatch<F> {
    fn clone(&self) -> Self {
        AskedWatch { state: self.state.clone(), knows_names: self.knows_names, facts: self.facts }
    }
}

impl<F> Default for AskedWatch<F> {
    fn default() -> Self {
        AskedWatch { state: State::fresh(), knows_names: false, facts: std::marker::PhantomData }
    }
}

/// Number of node and client names sent to a watcher; no run needs more.
const NAMED: u32 = 16;

impl<F: Data> Watch for AskedWatch<F> {
    type Fact = F;

    fn see(&mut self, node: NodeId, fact: &F) -> Result<(), String> {
        if !self.knows_names {
            let nodes: Vec<String> = (0..NAMED).map(|id| NodeId(id).to_string()).collect();
            let clients: Vec<String> = (0..NAMED).map(|id| ClientId(id).to_string()).collect();
            let () = self.state.change("names", &(nodes, clients));
            self.knows_names = true;
        }
        let objection: Option<String> = self.state.change("see", &(node, fact));
        objection.map_or(Ok(()), Err)
    }
}
