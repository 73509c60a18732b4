//! Logical clocks (Lamport 1978): nodes with local events and messages between them.
//!
//! The messages are given; the clock that timestamps the events, and the order of the timestamps,
//! are the learner's. No node crashes: a clock must not forget its time, and persistence is the
//! subject of another exercise.

use quorate_bugs::NamedRulebookOf;
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

pub use quorate_answer::network::{Clock, Stamp};
use quorate_harness::TargetError;
use quorate_harness::experiments::{AnswerStats, Planned, RunParameters, SimTarget, Watched};
use quorate_lab::sim::{Coverage, Experiment, FaultPlan, Rng, Setup, World};
use quorate_protocol::{
    Context, Duration, Input, Invariant, InvariantViolation, Machine, Names, Never, NodeId, Outbox, StepView,
};
use serde::{Deserialize, Serialize};

use super::{ONCE, Opaque, beyond, client_rng, letters};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grade::unit_cases::values;
use crate::grade::{RunSet, random_runs};
use crate::grading::{CaseFailure, Failed, Grading};

/// Hands in this clock, used by all nodes.
pub fn lamport_clock<T: Clock>() -> impl Answer {
    LamportClock::<T>(PhantomData)
}

struct LamportClock<T>(PhantomData<T>);

impl<T: Clock> Answer for LamportClock<T> {
    fn grade(&self, _: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        let quiet =
            RunSet { nodes: 3, fault_plan: FaultPlan::none(), span: Duration::from_secs(1), fixed: 10, fresh: 0 };
        let harsh =
            RunSet { fault_plan: FaultPlan { crashes: 0, ..FaultPlan::harsh() }, fixed: 40, fresh: 40, ..quiet };
        random_runs::<Letters<T>>(grading, "messages, without faults", quiet, ())?;
        random_runs::<Letters<T>>(grading, "messages, with random faults", harsh, ())?;
        grading.case("the order of the timestamps", |grading| ordered::<T>(grading))?;
        beyond::clocks::<T>(grading)
    }
}

/// Checks that the order is total: it has no cycles.
fn ordered<T: Clock>(grading: &Grading) -> Result<String, CaseFailure> {
    let mut rng = Rng::new(grading.fresh(), u64::MAX);
    let mut scales = values::scales(&mut rng);
    scales.push(values::last());
    let mut count = 0;
    for scale in scales {
        // Distinct nodes, with extreme ids.
        let nodes = BTreeSet::from([0, 1, 2, rng.below(1 << 32) as u32, u32::MAX]);
        let times = (1..=2).map(|time| scale.at(time));
        let stamps: Vec<Stamp> =
            times.flat_map(|time| nodes.iter().map(move |node| Stamp { time, node: NodeId(*node) })).collect();
        in_a_line::<T>(&stamps)?;
        count += stamps.len();
    }
    Ok(format!("{count} timestamps are totally ordered, some of them random, from seed {}", grading.fresh()))
}

fn in_a_line<T: Clock>(stamps: &[Stamp]) -> Result<(), CaseFailure> {
    for a in stamps {
        for b in stamps.iter().filter(|b| *b != a) {
            compared::<T>(*a, *b).map_err(|detail| CaseFailure::new("TotalOrder", detail))?;
            let circle =
                stamps.iter().find(|c| *c != a && T::before(*a, *b) && T::before(*b, **c) && T::before(**c, *a));
            if let Some(c) = circle {
                let (a, b, c) = (shown(*a), shown(*b), shown(*c));
                return Err(CaseFailure::new(
                    "TotalOrder",
                    format!("{a} is before {b}, {b} before {c}, and {c} before {a}"),
                ));
            }
        }
    }
    Ok(())
}

/// Checks that exactly one of two different stamps comes first, and that it does not have the later
/// time.
fn compared<T: Clock>(a: Stamp, b: Stamp) -> Result<(), String> {
    let (early, late) = match (T::before(a, b), T::before(b, a)) {
        (true, false) => (a, b),
        (false, true) => (b, a),
        (true, true) => return Err(format!("{} and {} are each before the other", shown(a), shown(b))),
        (false, false) => return Err(format!("neither {} nor {} is before the other", shown(a), shown(b))),
    };
    if early.time > late.time {
        return Err(format!("{} is put before {}", shown(early), shown(late)));
    }
    Ok(())
}

fn shown(stamp: Stamp) -> String {
    format!("time {} at {}", stamp.time, stamp.node)
}

quorate_protocol::rules! {
    /// Rules of logical clocks.
    enum ClockRule {
        Work: "Lamport 1978, Logical Clocks, IR1", "a node's clock advances between any two of its events";
        Write: "Lamport 1978, Logical Clocks, IR2(a)", "a message carries the time of its sending";
        Read: "Lamport 1978, Logical Clocks, IR2(b)", "the time of a receipt is later than the time of the sending";
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Message {
    Letter { number: u64, time: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Command {
    Work,
    Write { to: NodeId },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Reply {
    Noted { time: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Fact {
    Worked { time: u64 },
    Wrote { letter: u64, time: u64 },
    Read { from: NodeId, letter: u64, time: u64 },
}

/// Node with a clock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Writer<T> {
    clock: T,
    letters: u64,
    time: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct View {
    time: u64,
}

impl<T: Clock> Machine for Writer<Opaque<T>> {
    type Config = ();
    type Rulebook = ();
    type Message = Message;
    type Timer = Never;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = ClockRule;
    type Record = Never;
    type Disk = ();
    type Clock = ();
    type View = View;

    fn boot(_: &Context<Self>, (): &(), _: &mut Outbox<Self>) -> Self {
        Writer { clock: Opaque(T::default()), letters: 0, time: 0 }
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let clock = &mut self.clock.0;
        match input {
            Input::Request { ticket, command: Command::Work } => {
                let time = clock.tick();
                out.because(ClockRule::Work)
                    .why(format_args!("its clock showed {}", self.time))
                    .emit(Fact::Worked { time })
                    .reply(ticket, Reply::Noted { time });
                self.time = time;
            }
            Input::Request { ticket, command: Command::Write { to } } => {
                let time = clock.send();
                self.letters += 1;
                let number = self.letters;
                out.because(ClockRule::Write)
                    .why(format_args!("its clock showed {}", self.time))
                    .emit(Fact::Wrote { letter: number, time })
                    .send(to, Message::Letter { number, time })
                    .reply(ticket, Reply::Noted { time });
                self.time = time;
            }
            Input::Deliver { from, message: Message::Letter { number, time: carried } } => {
                let time = clock.receive(carried);
                out.because(ClockRule::Read)
                    .why(format_args!("its clock showed {}, the message carries {carried}", self.time))
                    .emit(Fact::Read { from, letter: number, time });
                self.time = time;
            }
            Input::Fire(never) => match never {},
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View { time: self.time }
    }
}

/// Lamport's Clock Condition, and a total order of all events that agrees with it.
///
/// "Happened before" is the transitive closure of two kinds of pairs, for which the condition is
/// checked: successive events of a node, and the sending and receipt of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Order {
    stamps: Vec<(NodeId, u64)>,
    latest: BTreeMap<NodeId, u64>,
    sent: BTreeMap<(NodeId, u64), u64>,
}

impl<T: Clock> Invariant<Writer<Opaque<T>>> for Order {
    fn check(&mut self, seen: &StepView<'_, Writer<Opaque<T>>>) -> Result<(), InvariantViolation> {
        let node = seen.node;
        for fact in seen.facts() {
            let time = match fact {
                Fact::Worked { time } => *time,
                Fact::Wrote { letter, time } => {
                    self.sent.insert((node, *letter), *time);
                    *time
                }
                Fact::Read { from, letter, time } => {
                    let sent = self.sent.get(&(*from, *letter)).copied().unwrap_or_default();
                    if sent >= *time {
                        let detail =
                            format!("{node} received at time {time} a message that {from} sent at time {sent}");
                        return Err(InvariantViolation::new("ClockCondition", detail));
                    }
                    *time
                }
            };
            if let Some(before) = self.latest.insert(node, time).filter(|before| *before >= time) {
                let detail = format!("at {node} an event has time {time}, but the previous event has time {before}");
                return Err(InvariantViolation::new("ClockCondition", detail));
            }
            let stamp = Stamp { time, node };
            for (other, time) in &self.stamps {
                let earlier = Stamp { time: *time, node: *other };
                compared::<T>(earlier, stamp).map_err(|detail| InvariantViolation::new("TotalOrder", detail))?;
            }
            self.stamps.push((node, time));
        }
        Ok(())
    }
}

/// Target: three nodes.
struct Letters<T>(PhantomData<T>);

impl<T: Clock> SimTarget for Letters<T> {
    type Machine = Writer<Opaque<T>>;
    type Invariants = Order;

    const NAME: &'static str = "letters";
    const GOAL: &'static str = "assigned a timestamp to every event";

    fn plan(_: impl Into<NamedRulebookOf<Self::Machine>>, run: &RunParameters) -> Result<Planned<Self>, TargetError> {
        let mut rng = client_rng(run);
        let names = Names::new((1..=run.nodes).map(|number| format!("n{number}")), ["c1", "c2", "c3"]);
        let requests = letters(run, &mut rng, |to| to.map_or(Command::Work, |to| Command::Write { to }));
        Ok(Experiment {
            setup: Setup::new(Self::NAME, names, ())
                .title("Messages with timestamps")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(ONCE),
            invariants: (Order::default(), Coverage::default()),
            requests,
            faults: run.fault_plan.schedule(run.seed, run.nodes, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(5),
        })
    }

    fn reached(world: &World<Self::Machine, Watched<Self>>) -> bool {
        world.in_flight() == 0 && !world.invariants().0.stamps.is_empty()
    }

    /// The invariants check everything; there is no client contract.
    fn answer_stats(_: &Self::Invariants) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<Self::Machine>) -> Vec<(u64, &'static str)> {
        vec![(coverage.of(ClockRule::Work), "local events"), (coverage.of(ClockRule::Read), "messages received")]
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{breaks, shown as by_a_trace};
    use super::*;

    /// Declares a clock for the tests: its local tick, its reaction to a message, and its order.
    macro_rules! clock {
        ($name:ident, |$own:ident| $tick:expr, |$now:ident, $carried:ident| $read:expr, |$a:ident, $b:ident| $before:expr) => {
            #[derive(Clone, Default)]
            struct $name(u64);

            impl Clock for $name {
                fn tick(&mut self) -> u64 {
                    fn next($own: u64) -> u64 {
                        $tick
                    }
                    self.0 = next(self.0);
                    self.0
                }

                fn send(&mut self) -> u64 {
                    self.tick()
                }

                fn receive(&mut self, $carried: u64) -> u64 {
                    let $now = self.0;
                    let read = $read;
                    self.0 = read;
                    self.0
                }

                fn before($a: Stamp, $b: Stamp) -> bool {
                    $before
                }
            }
        };
    }

    fn by_node(a: Stamp, b: Stamp) -> bool {
        (a.time, a.node) < (b.time, b.node)
    }

    clock!(Hasty, |own| own + 7, |own, carried| own.max(carried) + 3, |a, b| (a.time, b.node) < (b.time, a.node));
    clock!(Deaf, |own| own + 1, |own, _carried| own + 1, |a, b| by_node(a, b));
    clock!(Flat, |own| own + 1, |own, carried| carried.max(own), |a, b| by_node(a, b));
    clock!(Obedient, |own| own + 1, |_own, carried| carried + 1, |a, b| by_node(a, b));
    clock!(Stopped, |own| own, |own, carried| carried.max(own) + 1, |a, b| by_node(a, b));
    clock!(Undecided, |own| own + 1, |own, carried| carried.max(own) + 1, |a, b| a.time < b.time);
    clock!(Ranked, |own| own + 1, |own, carried| carried.max(own) + 1, |a, b| (a.node, a.time) < (b.node, b.time));
    clock!(Circular, |own| own + 1, |own, carried| carried.max(own) + 1, |a, b| a.time < b.time
        || a.time == b.time && [(0, 1), (1, 2), (2, 0)].contains(&(a.node.0 % 3, b.node.0 % 3))
        || a.time == b.time && a.node.0 % 3 == b.node.0 % 3 && a.node < b.node);

    #[test]
    fn a_clock_may_be_fast_and_break_ties_the_other_way_round() {
        assert_eq!(breaks("lamport-clock", &lamport_clock::<Hasty>()), None);
    }

    #[test]
    fn wrong_clocks_fail_for_what_they_are() {
        assert_eq!(breaks("lamport-clock", &lamport_clock::<Deaf>()), by_a_trace("ClockCondition"));
        assert_eq!(breaks("lamport-clock", &lamport_clock::<Flat>()), by_a_trace("ClockCondition"));
        assert_eq!(breaks("lamport-clock", &lamport_clock::<Obedient>()), by_a_trace("ClockCondition"));
        assert_eq!(breaks("lamport-clock", &lamport_clock::<Stopped>()), by_a_trace("ClockCondition"));
        assert_eq!(breaks("lamport-clock", &lamport_clock::<Undecided>()), by_a_trace("TotalOrder"));
        assert_eq!(breaks("lamport-clock", &lamport_clock::<Ranked>()), by_a_trace("TotalOrder"));
        // Three events at one time on three nodes are rare in runs, so this is detected without
        // one.
        assert_eq!(breaks("lamport-clock", &lamport_clock::<Circular>()), Some(("TotalOrder".to_owned(), false)));
    }
}
