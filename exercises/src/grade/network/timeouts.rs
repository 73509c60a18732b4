//! Timeouts and retries: callers send their users' calls to a server without memory, and must
//! report the outcomes.
//!
//! The caller's machine is given; whether it retries a call, and the outcome that it reports, is
//! the learner's. The server handles one call at a time and refuses others meanwhile. The network
//! loses and delays messages, but duplicates none: a double execution has been requested twice.

mod honesty;
mod node;

use quorate_bugs::NamedRulebookOf;
use std::marker::PhantomData;

use honesty::Honesty;
use node::{Command, RpcNode, RpcRule, Ways};
pub use quorate_answer::network::{Attempt, Caller, Operation, Report};
use quorate_harness::TargetError;
use quorate_harness::experiments::{AnswerStats, Planned, RunParameters, SimTarget, Watched};
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, FaultPlan, Ppm, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId};

use super::{ONCE, Opaque, client_rng, early};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grade::{RunSet, random_runs};
use crate::grading::{Failed, Grading};

/// Hands in a caller with this retry policy.
pub fn retry_safely<T: Caller>() -> impl Answer {
    RetrySafely::<T>(PhantomData)
}

struct RetrySafely<T>(PhantomData<T>);

impl<T: Caller> Answer for RetrySafely<T> {
    fn grade(&self, _: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        let quiet =
            RunSet { nodes: 3, fault_plan: FaultPlan::none(), span: Duration::from_secs(2), fixed: 5, fresh: 0 };
        let harsh = FaultPlan { crashes: 0, ..FaultPlan::harsh() };
        let mut harsh = RunSet { fault_plan: harsh, fixed: 100, fresh: 100, ..quiet };
        harsh.fault_plan.conditions.duplication = Ppm::ZERO;
        // Few calls first: what is wrong with one of them shows best if there is no other.
        let mut lossy = RunSet { fixed: 40, fresh: 20, ..quiet };
        lossy.fault_plan.conditions.loss = Ppm::percent(40);
        random_runs::<Timeouts<T, 1>>(grading, "one call, without faults", RunSet { fixed: 2, ..quiet }, ())?;
        random_runs::<Timeouts<T, 1>>(grading, "one call, with message loss", lossy, ())?;
        random_runs::<Timeouts<T, 2>>(grading, "two calls, with message loss", lossy, ())?;
        random_runs::<Timeouts<T, 10>>(grading, "a front end, without faults", quiet, ())?;
        random_runs::<Timeouts<T, 10>>(grading, "a front end, with random faults", harsh, ())
    }
}

/// Target: two callers with this number of calls, and a server.
struct Timeouts<T, const CALLS: u32>(PhantomData<T>);

impl<T: Caller, const CALLS: u32> SimTarget for Timeouts<T, CALLS> {
    type Machine = RpcNode;
    type Invariants = Honesty;

    const NAME: &'static str = "timeouts";
    const GOAL: &'static str = "reported the outcome of every call";

    fn plan(_: impl Into<NamedRulebookOf<Self::Machine>>, run: &RunParameters) -> Result<Planned<Self>, TargetError> {
        let mut rng = client_rng(run);
        let names = Names::new(["desk1", "desk2", "server"], ["ann", "bob"]);
        let mut requests: Vec<_> = (0..CALLS)
            .map(|number| {
                let amount = 1 + rng.below(9);
                let adds = rng.below(2) == 0;
                ClientRequest {
                    at: early(run, &mut rng),
                    client: ClientId(number % 2),
                    of: Some(NodeId(number % 2)),
                    command: if adds { Command::Add { amount } } else { Command::Set { amount } },
                }
            })
            .collect();
        requests.sort_by_key(|request| request.at);
        let ways = Ways { asks_again: Opaque(T::asks_again), report: Opaque(T::report) };
        Ok(Experiment {
            setup: Setup::new(Self::NAME, names, ways)
                .title("Calls that time out")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(ONCE),
            invariants: (Honesty::default(), Coverage::default()),
            requests,
            faults: run.fault_plan.schedule(run.seed, run.nodes, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(5),
        })
    }

    fn reached(world: &World<RpcNode, Watched<Self>>) -> bool {
        world.machines().iter().flatten().all(|node| node.open.is_empty())
    }

    /// The invariants check everything; there is no client contract.
    fn answer_stats(_: &Self::Invariants) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<RpcNode>) -> Vec<(u64, &'static str)> {
        vec![(coverage.of(RpcRule::Refuse), "refusals"), (coverage.of(RpcRule::Late), "late replies")]
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{breaks, shown};
    use super::*;

    /// Declares a retry policy for the tests.
    macro_rules! caller {
        ($name:ident, |$operation:ident, $tried:ident| $again:expr, |$attempts:ident| $report:expr) => {
            struct $name;

            impl Caller for $name {
                fn asks_again($operation: Operation, $tried: &[Attempt]) -> bool {
                    $again
                }

                fn report($attempts: &[Attempt]) -> Report {
                    $report
                }
            }
        };
    }

    fn careful(operation: Operation, attempts: &[Attempt]) -> bool {
        operation == Operation::Set || attempts.iter().all(|attempt| *attempt == Attempt::Refused)
    }

    fn truth(attempts: &[Attempt]) -> Report {
        if attempts.contains(&Attempt::Answered) {
            Report::Done
        } else if attempts.contains(&Attempt::TimedOut) {
            Report::Unknown
        } else {
            Report::NotDone
        }
    }

    fn last(attempts: &[Attempt]) -> Report {
        attempts.last().map_or(Report::NotDone, |attempt| truth(&[*attempt]))
    }

    caller!(Modest, |operation, _tried| operation == Operation::Set, |attempts| truth(attempts));
    caller!(Confident, |operation, tried| careful(operation, tried), |attempts| match truth(attempts) {
        Report::Unknown => Report::NotDone,
        known => known,
    });
    caller!(Hopeful, |operation, tried| careful(operation, tried), |attempts| match truth(attempts) {
        Report::Unknown => Report::Done,
        known => known,
    });
    caller!(Forgetful, |operation, tried| careful(operation, tried), |attempts| last(attempts));
    caller!(Evasive, |operation, tried| careful(operation, tried), |_attempts| Report::Unknown);
    caller!(Eager, |_operation, _tried| true, |attempts| truth(attempts));
    caller!(Lazy, |_operation, _tried| false, |attempts| truth(attempts));

    #[test]
    fn who_adds_nothing_twice_may_also_give_a_refused_addition_up() {
        assert_eq!(breaks("retry-safely", &retry_safely::<Modest>()), None);
    }

    #[test]
    fn wrong_ways_to_call_fail_for_what_they_are() {
        assert_eq!(breaks("retry-safely", &retry_safely::<Confident>()), shown("HonestReport"));
        assert_eq!(breaks("retry-safely", &retry_safely::<Hopeful>()), shown("HonestReport"));
        assert_eq!(breaks("retry-safely", &retry_safely::<Forgetful>()), shown("HonestReport"));
        assert_eq!(breaks("retry-safely", &retry_safely::<Evasive>()), shown("UsefulReport"));
        assert_eq!(breaks("retry-safely", &retry_safely::<Eager>()), shown("AddedOnce"));
        assert_eq!(breaks("retry-safely", &retry_safely::<Lazy>()), shown("KeepsAsking"));
    }
}
