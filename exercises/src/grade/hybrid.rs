//! Grading of hybrid logical clocks: nodes with physical clocks that are wrong and jump, local
//! events, and messages between them.
//!
//! | invariant | meaning |
//! |---|---|
//! | `ClockCondition` | an event that happened before another one has the smaller stamp |
//! | `NotBehind` | no stamp is below its node's physical clock |
//! | `NotAhead` | no stamp is above every physical time that the event could have heard of |
//! | `CountOfTies` | the count is no more than the number of earlier events with the same time |
//!
//! No node crashes: a clock that is not on disk must not forget its time, and persistence is the
//! subject of another exercise.

mod machine;

use std::marker::PhantomData;

use machine::{ClockRule, Clocked, Command, Decisions, Stamps, shown};
pub use quorate_answer::hybrid::{Hybrid, HybridStamp};
use quorate_bugs::NamedRulebookOf;
use quorate_harness::TargetError;
use quorate_harness::experiments::{AnswerStats, Planned, RunParameters, SimTarget, Watched};
use quorate_lab::sim::{Coverage, Experiment, FaultPlan, Rng, Setup, World};
use quorate_protocol::{Duration, Names, NodeId, Time};
use quorate_time::logical::{HybridClock, LogicalClock};

use super::network::{ONCE, Opaque, client_rng, letters};
use super::unit_cases::values;
use super::{RunSet, random_runs};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{CaseFailure, DECISION, Failed, Grading};

/// Hands in this clock, used by all nodes.
pub fn hybrid_clock<T: Hybrid>() -> impl Answer {
    HybridAnswer::<T>(PhantomData)
}

struct HybridAnswer<T>(PhantomData<T>);

impl<T: Hybrid> Answer for HybridAnswer<T> {
    fn grade(&self, _: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        let quiet =
            RunSet { nodes: 3, fault_plan: FaultPlan::none(), span: Duration::from_secs(1), fixed: 10, fresh: 0 };
        let wrong =
            RunSet { fault_plan: FaultPlan { crashes: 0, ..FaultPlan::harsh() }, fixed: 40, fresh: 40, ..quiet };
        random_runs::<Letters<T>>(grading, "messages, and physical clocks that agree", quiet, ())?;
        random_runs::<Letters<T>>(grading, "messages, and physical clocks that are wrong and jump", wrong, ())?;
        grading.case("events one by one", |grading| one_by_one::<T>(grading))
    }
}

/// Random stream number, unique within a grading.
const STREAM: u64 = 0x0417_B21D;

/// Asks about every order of the three times and of both counts, with numbers of all sizes.
fn one_by_one<T: Hybrid>(grading: &Grading) -> Result<String, CaseFailure> {
    let wrong = |question: String, answer, right| {
        let detail = format!("{question} answers {}; Figure 5 says {}", shown(answer), shown(right));
        CaseFailure::new(DECISION, detail).in_seed(grading.fresh())
    };
    let mut rng = Rng::new(grading.fresh(), STREAM);
    let mut count = 0;
    for scale in values::scales(&mut rng) {
        let stamp = |l: u64, c: u64| HybridStamp { l: Time::from_nanos(scale.at(l)), c: scale.at(c) };
        let stamps = (0..=3).flat_map(|l| (0..=2).map(move |c| stamp(l, c)));
        for (own, physical) in stamps.clone().flat_map(|own| (0..=4).map(move |small| (own, small))) {
            let physical = Time::from_nanos(scale.at(physical));
            let (answer, right) = (T::event(own, physical), by_the_book(own, None, physical));
            if answer != right {
                let question = format!("event(own: {}, physical: {})", shown(own), physical.as_nanos());
                return Err(wrong(question, answer, right));
            }
            for carried in stamps.clone() {
                let (answer, right) = (T::receive(own, carried, physical), by_the_book(own, Some(carried), physical));
                if answer != right {
                    let (own, carried) = (shown(own), shown(carried));
                    let question =
                        format!("receive(own: {own}, carried: {carried}, physical: {})", physical.as_nanos());
                    return Err(wrong(question, answer, right));
                }
                count += 1;
            }
        }
    }
    Ok(format!("{count} messages, some of them with random stamps, from seed {}", grading.fresh()))
}

/// Stamp of the reference's clock.
fn by_the_book(own: HybridStamp, carried: Option<HybridStamp>, physical: Time) -> HybridStamp {
    let clock = |stamp: HybridStamp| HybridClock { wall: stamp.l, count: stamp.c };
    let mut own = clock(own);
    match carried {
        Some(carried) => own.receive(NodeId(0), &clock(carried), physical),
        None => own.tick(NodeId(0), physical),
    }
    HybridStamp { l: own.wall, c: own.count }
}

/// Target: three nodes.
struct Letters<T>(PhantomData<T>);

impl<T: Hybrid> SimTarget for Letters<T> {
    type Machine = Clocked;
    type Invariants = Stamps;

    const NAME: &'static str = "hybrid clocks";
    const GOAL: &'static str = "stamped every event";

    fn plan(_: impl Into<NamedRulebookOf<Self::Machine>>, run: &RunParameters) -> Result<Planned<Self>, TargetError> {
        let mut rng = client_rng(run);
        let names = Names::new((1..=run.nodes).map(|number| format!("n{number}")), ["c1", "c2", "c3"]);
        let requests = letters(run, &mut rng, |to| to.map_or(Command::Work, |to| Command::Write { to }));
        let decisions = Decisions { event: Opaque(T::event), receive: Opaque(T::receive) };
        Ok(Experiment {
            setup: Setup::new(Self::NAME, names, decisions)
                .title("Messages with hybrid stamps")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(ONCE),
            invariants: (Stamps::default(), Coverage::default()),
            requests,
            faults: run.fault_plan.schedule(run.seed, run.nodes, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(5),
        })
    }

    fn reached(world: &World<Clocked, Watched<Self>>) -> bool {
        world.in_flight() == 0 && !world.invariants().0.is_empty()
    }

    /// The invariants check everything; there is no client contract.
    fn answer_stats(_: &Self::Invariants) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<Clocked>) -> Vec<(u64, &'static str)> {
        vec![(coverage.of(ClockRule::Work), "local events"), (coverage.of(ClockRule::Read), "messages received")]
    }
}

#[cfg(test)]
mod tests {
    use super::super::network::tests::{breaks, shown as by_a_trace};
    use super::*;

    /// Declares clocks for the tests: the stamp of an event, and that of an arrival.
    macro_rules! clocks {
        ($($name:ident |$own:ident, $now:ident| $event:expr, |$mine:ident, $carried:ident, $physical:ident| $read:expr;)+) => {
            $(
                struct $name;

                impl Hybrid for $name {
                    fn event($own: HybridStamp, $now: Time) -> HybridStamp {
                        $event
                    }

                    fn receive($mine: HybridStamp, $carried: HybridStamp, $physical: Time) -> HybridStamp {
                        $read
                    }
                }
            )+
        };
    }

    fn book(own: HybridStamp, carried: HybridStamp, physical: Time) -> HybridStamp {
        by_the_book(own, Some(carried), physical)
    }

    fn fresh(l: Time) -> HybridStamp {
        HybridStamp { l, c: 0 }
    }

    fn next(own: HybridStamp) -> HybridStamp {
        HybridStamp { c: own.c + 1, ..own }
    }

    clocks! {
        Right |own, now| book(own, own, now), |own, carried, now| book(own, carried, now);
        Wall |_own, now| fresh(now), |_own, _carried, now| fresh(now);
        Deaf |own, now| book(own, own, now), |own, _carried, now| book(own, own, now);
        Lamport |own, _now| next(own), |own, carried, _now| next(own.max(carried));
        Fast |own, now| book(own, own, now + Duration::from_millis(1)), |own, carried, now| book(own, carried, now);
        Counting |own, now| HybridStamp { c: own.c + 1, ..book(own, own, now) }, |own, carried, now| book(own, carried, now);
        LeapsAhead |own, now| book(own, own, now), |own, carried, now| match book(own, carried, now) {
            stamp if stamp.l == own.l && own.l > carried.l.max(now) => HybridStamp { c: stamp.c.max(carried.c + 1), ..stamp },
            stamp => stamp,
        };
    }

    #[test]
    fn the_clock_of_the_figure_passes() {
        assert_eq!(breaks("time-hybrid", &hybrid_clock::<Right>()), None);
    }

    #[test]
    fn wrong_clocks_fail_for_what_they_are() {
        let broken = |name, answer: Option<(String, bool)>| assert_eq!(answer, by_a_trace(name));
        broken("ClockCondition", breaks("time-hybrid", &hybrid_clock::<Wall>()));
        broken("ClockCondition", breaks("time-hybrid", &hybrid_clock::<Deaf>()));
        broken("NotBehind", breaks("time-hybrid", &hybrid_clock::<Lamport>()));
        broken("NotAhead", breaks("time-hybrid", &hybrid_clock::<Fast>()));
        broken("CountOfTies", breaks("time-hybrid", &hybrid_clock::<Counting>()));
        assert!(breaks("time-hybrid", &hybrid_clock::<LeapsAhead>()).is_some());
    }
}
