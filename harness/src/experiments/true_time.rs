//! Random runs of TrueTime: three masters, of which the first may be wrong by any amount, and
//! servers whose clocks drift within the bound of the configuration.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Setup, World};
use quorate_protocol::{Duration, Names, NodeId, Time};
use quorate_time::Drift;
use quorate_time::true_time::{Command, Safety, Settings, TrueTime, TrueTimeRule, safety};

use super::contract::{AnswerStats, ClockAnswers, LinearizableAnswers};
use super::reach::{self, Need};
use super::references::{self, LATECOMER, keeps_references};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::TrueTimeTarget;

const MASTERS: u32 = 3;
/// Interval of a server's polls.
const POLL: Duration = Duration::from_millis(50);
/// Error up to which a server reads the time.
const MAX_ERROR: Duration = Duration::from_millis(60);
/// The least drift that servers allow for, in ppm.
const DRIFT_MIN: u32 = 200;

fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    references::requests(run, MASTERS, Command::Commit, |rng| match rng.below(3) {
        0 => Command::Now,
        _ => Command::Commit,
    })
}

impl SimTarget for TrueTimeTarget {
    type Machine = TrueTime;
    type Invariants = (Safety, LinearizableAnswers<ClockAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "committed after the faults";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let masters = (0..MASTERS).map(NodeId);
        let drift = Drift::ppm(run.fault_plan.drift.get().max(DRIFT_MIN))?;
        let config = Settings { drift, poll: POLL, max_error: MAX_ERROR, ..Settings::new(masters) }.build()?;
        let what = "a poll and its answer";
        let need = Need { what, messages: 2, bound: "the width of the largest interval", within: MAX_ERROR * 2 };
        reach::check::<Self>(run, [need])?;
        let nodes = (1..=MASTERS).map(|number| format!("M{number}"));
        let servers = (1..=run.nodes).map(|number| format!("n{number}"));
        let names = Names::new(nodes.chain(servers), ["c1", "c2", "c3", "latecomer"]);
        let faults = run.fault_plan.schedule(run.seed, MASTERS + run.nodes, run.span);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of TrueTime")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { timeout: Duration::from_millis(300), attempts: 20, rotates: false }),
            invariants: ((safety(Time::ZERO), LinearizableAnswers::default()), Coverage::default()),
            requests: requests(run),
            faults: faults.into_iter().filter(|(_, fault)| keeps_references(fault, MASTERS)).collect(),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(10),
        })
    }

    fn reached(world: &World<TrueTime, Watched<Self>>) -> bool {
        !world.answers(LATECOMER).is_empty() && world.clients_are_idle()
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<TrueTime>) -> Vec<(u64, &'static str)> {
        use TrueTimeRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Synchronise), "readings that masters agreed on"),
            (coverage.of(Commit), "transactions committed"),
            (coverage.of(CommitWait), "waits for a stamp to pass"),
            (coverage.of(ErrorTooLarge), "refusals with too large an error"),
            (coverage.of(OldPoll), "answers to earlier polls"),
            (coverage.of(SameStamp), "transactions that kept their stamps"),
        ]
    }
}
