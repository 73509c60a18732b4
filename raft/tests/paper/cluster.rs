//! A small test driver: manual, step by step, or on a virtual clock with faults.
//!
//! After every step it checks all invariants, compares the machine with its disk, and records which
//! rules fired.
//!
//! It exists beside the simulator of `quorate-lab` on purpose. The lab tests itself with this
//! protocol, so the protocol is tested without the lab; and a test of a claim of the paper must
//! control each message, whereas a simulator draws its delivery at random.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{
    ClientId, Constants, Delay, Disk as _, Effect, Input, Invariant, InvariantViolation, Machine, NodeId, Outbox,
    RequestId, StepKind, StepView, Time, nanos,
};
use quorate_raft::{
    BY_THE_BOOK, Command, Disk, Fact, Invariants, LogIndex, Message, Raft, RaftRule, Reply, Rulebook, Settings,
    StateMachine, Timer, View, invariants,
};

/// Random number generator: Marsaglia's xorshift64*, good enough for a test.
#[derive(Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % bound.max(1)
    }

    pub(crate) fn one_in(&mut self, chances: u64) -> bool {
        chances > 0 && self.below(chances) == 0
    }
}

/// Fault rates: each fault happens in one of this many cases, never if 0. Extra message delay is up
/// to `delay_ms`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) loss: u64,
    pub(crate) duplication: u64,
    pub(crate) crash_per_step: u64,
    pub(crate) delay_ms: u64,
}

struct Flight<S: StateMachine> {
    due: u64,
    from: NodeId,
    to: NodeId,
    message: Message<S>,
}

pub(crate) struct Cluster<S: StateMachine> {
    constants: Constants<Raft<S>>,
    pub(crate) nodes: Vec<Option<Raft<S>>>,
    pub(crate) disks: Vec<Disk<S>>,
    net: Vec<Flight<S>>,
    timers: Vec<BTreeMap<Timer, u64>>,
    cut: BTreeSet<(NodeId, NodeId)>,
    pub(crate) replies: Vec<(RequestId, Reply<S>)>,
    pub(crate) facts: Vec<(NodeId, Fact<S>)>,
    pub(crate) fired: BTreeMap<RaftRule, u64>,
    pub(crate) sent: u64,
    pub(crate) now: u64,
    pub(crate) rng: Rng,
    pub(crate) faults: Faults,
    invariants: Invariants<S>,
    /// The first invariant that broke. The run stops there.
    pub(crate) violation: Option<InvariantViolation>,
    /// Whether a broken invariant, or a machine that differs from its disk, fails the test at once.
    pub(crate) strict: bool,
    next_number: u64,
    out: Outbox<Raft<S>>,
}

pub(crate) fn node(id: u32) -> NodeId {
    NodeId(id)
}

impl<S: StateMachine> Cluster<S> {
    /// A cluster of `size` nodes; only those named in the settings are members.
    pub(crate) fn new(size: u32, settings: Settings) -> Self {
        Self::with_disks(vec![Disk::default(); size as usize], settings)
    }

    pub(crate) fn with_disks(disks: Vec<Disk<S>>, settings: Settings) -> Self {
        Self::under(BY_THE_BOOK, disks, settings)
    }

    pub(crate) fn under(rules: Rulebook, disks: Vec<Disk<S>>, settings: Settings) -> Self {
        let mut cluster = Cluster {
            constants: Constants::under(settings.build().expect("the settings make sense"), rules),
            nodes: vec![None; disks.len()],
            timers: vec![BTreeMap::new(); disks.len()],
            disks,
            net: Vec::new(),
            cut: BTreeSet::new(),
            replies: Vec::new(),
            facts: Vec::new(),
            fired: BTreeMap::new(),
            sent: 0,
            now: 0,
            rng: Rng::new(1),
            faults: Faults::default(),
            invariants: invariants(),
            violation: None,
            strict: true,
            next_number: 0,
            out: Outbox::explaining(),
        };
        (0..cluster.nodes.len() as u32).for_each(|id| cluster.boot(id));
        cluster
    }

    pub(crate) fn raft(&self, id: u32) -> &Raft<S> {
        self.nodes[id as usize].as_ref().unwrap_or_else(|| panic!("{} is down", node(id)))
    }

    pub(crate) fn view(&self, id: u32) -> View<S> {
        self.raft(id).view(&self.constants.of(node(id), ()))
    }

    pub(crate) fn ids(&self) -> std::ops::Range<u32> {
        0..self.nodes.len() as u32
    }

    pub(crate) fn boot(&mut self, id: u32) {
        self.out.clear();
        let raft = Raft::boot(&self.constants.of(node(id), ()), &self.disks[id as usize], &mut self.out);
        self.nodes[id as usize] = Some(raft);
        self.conclude(id, StepKind::Boot);
    }

    pub(crate) fn crash(&mut self, id: u32) {
        self.out.clear();
        self.nodes[id as usize] = None;
        self.timers[id as usize].clear();
        self.check_invariants(id, StepKind::Crash);
    }

    pub(crate) fn restart(&mut self, id: u32) {
        self.crash(id);
        self.boot(id);
    }

    pub(crate) fn step(&mut self, id: u32, input: Input<Raft<S>>) {
        let Some(raft) = self.nodes[id as usize].as_mut().filter(|_| self.violation.is_none()) else { return };
        self.out.clear();
        let told = format!("{input:?}");
        raft.step(&self.constants.of(node(id), ()), input, &mut self.out);
        self.out.assert_reasons(node(id), told);
        self.conclude(id, StepKind::Step);
    }

    fn check_invariants(&mut self, id: u32, kind: StepKind) {
        let Cluster { constants, nodes: machines, out, .. } = self;
        let step = StepView { at: Time::from_nanos(self.now), node: node(id), kind, constants, machines, out };
        if let Err(violation) = self.invariants.check(&step) {
            self.report(violation);
        }
    }

    pub(crate) fn report(&mut self, violation: InvariantViolation) {
        assert!(!self.strict, "{violation}");
        self.violation.get_or_insert(violation);
    }

    fn conclude(&mut self, id: u32, kind: StepKind) {
        for rule in self.out.rules() {
            *self.fired.entry(rule).or_default() += 1;
        }
        let dies = self.rng.one_in(self.faults.crash_per_step);
        let records: Vec<_> = self.out.records().cloned().collect();
        let torn = dies && !records.is_empty() && self.rng.one_in(2);
        let kept = if torn { self.rng.below(records.len() as u64) as usize } else { records.len() };
        records[..kept].iter().for_each(|record| self.disks[id as usize].apply(record));
        if !torn {
            self.check_invariants(id, kind);
        }
        let effects: Vec<_> = self.out.drain().collect();
        if dies {
            return self.crash(id);
        }
        if self.strict {
            self.compare_with_disk(id);
        }
        effects.into_iter().for_each(|effect| self.carry_out(id, effect));
    }

    /// With the reference rulebook, everything that Figure 2 calls persistent is on disk at the end
    /// of every step.
    fn compare_with_disk(&self, id: u32) {
        let (raft, disk) = (self.raft(id), &self.disks[id as usize]);
        assert_eq!((raft.term(), raft.vote(), raft.log().last()), (disk.term, disk.vote, disk.log.last()));
        assert_eq!(raft.snapshot().map(|s| s.last), disk.snapshot.as_ref().map(|s| s.last));
    }

    fn carry_out(&mut self, id: u32, effect: Effect<Raft<S>>) {
        match effect {
            Effect::Send { to, message } => self.post(node(id), to, message),
            Effect::Persist(_) => {}
            Effect::Arm { timer, after } => {
                let due = self.now + self.draw(after);
                self.timers[id as usize].insert(timer, due);
            }
            Effect::Disarm(timer) => {
                self.timers[id as usize].remove(&timer);
            }
            Effect::Emit(fact) => self.facts.push((node(id), fact)),
            Effect::Reply { ticket, reply } => self.replies.push((ticket, reply)),
        }
    }

    fn draw(&mut self, after: Delay) -> u64 {
        let (min, max) = (nanos(after.min()), nanos(after.max()));
        min + self.rng.below(max - min + 1)
    }

    fn post(&mut self, from: NodeId, to: NodeId, message: Message<S>) {
        self.sent += 1;
        if self.cut.contains(&(from, to)) || self.rng.one_in(self.faults.loss) {
            return;
        }
        let copies = 1 + u64::from(self.rng.one_in(self.faults.duplication));
        for _ in 0..copies {
            let due = self.now + 500_000 + self.rng.below(self.faults.delay_ms * 1_000_000 + 1);
            self.net.push(Flight { due, from, to, message: message.clone() });
        }
    }

    // Manual control.

    pub(crate) fn fire(&mut self, id: u32, timer: Timer) {
        assert!(self.timers[id as usize].remove(&timer).is_some(), "{timer:?} of {} is not running", node(id));
        self.step(id, Input::Fire(timer));
    }

    pub(crate) fn is_armed(&self, id: u32, timer: Timer) -> bool {
        self.timers[id as usize].contains_key(&timer)
    }

    pub(crate) fn deliver(&mut self, from: u32, to: u32, message: Message<S>) {
        self.step(to, Input::Deliver { from: node(from), message });
    }

    pub(crate) fn due(&self, id: u32, timer: Timer) -> Option<u64> {
        self.timers[id as usize].get(&timer).copied()
    }

    /// Sends a client's request to a node and returns its ticket.
    pub(crate) fn ask(&mut self, id: u32, command: Command<S>) -> RequestId {
        self.next_number += 1;
        let ticket = RequestId { client: ClientId(0), number: self.next_number };
        self.retry(id, ticket, command);
        ticket
    }

    pub(crate) fn retry(&mut self, id: u32, ticket: RequestId, command: Command<S>) {
        self.step(id, Input::Request { ticket, command });
    }

    /// Takes all messages out of the network.
    pub(crate) fn take_messages(&mut self) -> Vec<(NodeId, NodeId, Message<S>)> {
        self.net.drain(..).map(|flight| (flight.from, flight.to, flight.message)).collect()
    }

    /// Delivers messages in the order in which they were sent until there are none.
    pub(crate) fn settle(&mut self) {
        while !self.net.is_empty() {
            let Flight { from, to, message, .. } = self.net.remove(0);
            if !self.cut.contains(&(from, to)) {
                self.step(to.0, Input::Deliver { from, message });
            }
        }
    }

    /// Fires a node's election timeout and delivers messages until there are none. The node must
    /// win.
    pub(crate) fn elect(&mut self, id: u32) {
        self.fire(id, Timer::Election);
        self.settle();
        assert!(self.raft(id).is_leader(), "{} was not elected", node(id));
    }

    /// Fires the leader's heartbeat and delivers messages until there are none.
    pub(crate) fn beat(&mut self, id: u32) {
        self.fire(id, Timer::Heartbeat);
        self.settle();
    }

    /// Cuts the links between a node and all others, both ways.
    pub(crate) fn isolate(&mut self, id: u32) {
        let others: Vec<u32> = self.ids().filter(|other| *other != id).collect();
        self.partition(&[id], &others);
    }

    pub(crate) fn partition(&mut self, one: &[u32], other: &[u32]) {
        for &a in one {
            for &b in other {
                self.cut.extend([(node(a), node(b)), (node(b), node(a))]);
            }
        }
    }

    pub(crate) fn cut_one_way(&mut self, from: u32, to: u32) {
        self.cut.insert((node(from), node(to)));
    }

    pub(crate) fn heal(&mut self) {
        self.cut.clear();
    }

    // Virtual clock.

    /// Runs until `until`, or until no event is left.
    pub(crate) fn run_until(&mut self, until: u64) {
        while let Some((due, event)) = self.next_event().filter(|(due, _)| *due <= until) {
            self.now = self.now.max(due);
            match event {
                Event::Arrival(at) => {
                    let Flight { from, to, message, .. } = self.net.swap_remove(at);
                    if !self.cut.contains(&(from, to)) {
                        self.step(to.0, Input::Deliver { from, message });
                    }
                }
                Event::Timeout(id, timer) => self.fire(id, timer),
            }
        }
        self.now = until;
    }

    fn next_event(&self) -> Option<(u64, Event)> {
        let arrivals = self.net.iter().enumerate().map(|(at, flight)| (flight.due, Event::Arrival(at)));
        let timeouts =
            self.timers.iter().enumerate().flat_map(|(id, timers)| {
                timers.iter().map(move |(timer, due)| (*due, Event::Timeout(id as u32, *timer)))
            });
        arrivals.chain(timeouts).min_by_key(|(due, _)| *due)
    }

    // State queries.

    pub(crate) fn leaders(&self) -> Vec<u32> {
        self.ids().filter(|id| self.nodes[*id as usize].as_ref().is_some_and(Raft::is_leader)).collect()
    }

    /// The leader of the highest term.
    pub(crate) fn leader(&self) -> Option<u32> {
        self.leaders().into_iter().max_by_key(|id| self.raft(*id).term())
    }

    pub(crate) fn commits(&self) -> Vec<u64> {
        self.ids().map(|id| self.raft(id).commit().0).collect()
    }

    pub(crate) fn terms(&self, id: u32) -> Vec<u64> {
        self.raft(id).log().entries().iter().map(|entry| entry.term.0).collect()
    }

    pub(crate) fn reply_to(&self, ticket: RequestId) -> Option<&Reply<S>> {
        self.replies.iter().find(|(to, _)| *to == ticket).map(|(_, reply)| reply)
    }

    pub(crate) fn has_fired(&self, rule: RaftRule) -> bool {
        self.fired.contains_key(&rule)
    }

    pub(crate) fn elections(&self) -> usize {
        self.facts.iter().filter(|(_, fact)| matches!(fact, Fact::LeaderElected { .. })).count()
    }

    pub(crate) fn highest_commit(&self) -> LogIndex {
        self.nodes.iter().flatten().map(Raft::commit).max().unwrap_or_default()
    }
}

#[derive(Clone, Copy)]
enum Event {
    Arrival(usize),
    Timeout(u32, Timer),
}
