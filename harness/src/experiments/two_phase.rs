//! Random runs of two-phase commit under [transfers](super::transfers).

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{Coverage, Experiment, Setup, World};
use quorate_protocol::{Duration, NodeId};
use quorate_transactions::two_phase::{Safety, Settings, TwoPhase, TwoPhaseRule};

use super::contract::transactions::OPENING;
use super::contract::{AnswerStats, LinearizableAnswers, TwoPhaseAnswers};
use super::reach::{self, Need};
use super::transfers::{LATECOMER, STUBBORN, TAKES_REQUESTS, names, requests};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::TwoPhaseTarget;

const T: NodeId = TAKES_REQUESTS;

impl SimTarget for TwoPhaseTarget {
    type Machine = TwoPhase;
    type Invariants = (Safety, LinearizableAnswers<TwoPhaseAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "decided every transaction and left nobody in doubt";

    /// In every second seed participants in doubt ask each other.
    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let ask_others = run.seed.is_multiple_of(2);
        let participants = (1..=run.nodes).map(NodeId);
        let config = Settings { ask_others, opening: OPENING, ..Settings::new(T, participants) }.build()?;
        let what = "a request to prepare and the vote";
        let vote = Need { what, messages: 2, bound: "the vote timeout", within: config.vote_timeout };
        reach::check::<Self>(run, [vote])?;
        let names = names(["T"], run);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of two-phase commit")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(STUBBORN),
            invariants: (Default::default(), Coverage::default()),
            requests: requests(run, 1),
            faults: run.fault_plan.schedule(run.seed, run.nodes + 1, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(10),
        })
    }

    fn reached(world: &World<TwoPhase, Watched<Self>>) -> bool {
        let is_done = |machine: &Option<TwoPhase>| {
            machine.as_ref().is_some_and(|node| node.in_doubt().next().is_none() && node.open().next().is_none())
        };
        !world.answers(LATECOMER).is_empty() && world.clients_are_idle() && world.machines().iter().all(is_done)
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<TwoPhase>) -> Vec<(u64, &'static str)> {
        use TwoPhaseRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(DecideCommit), "transactions committed"),
            (coverage.of(DecideAbort) + coverage.of(AbortLate), "transactions aborted by the coordinator"),
            (coverage.of(WaitForRow), "times a transaction waited for a row"),
            (coverage.of(AskOutcome), "times a participant in doubt asked"),
            (coverage.of(PresumeAbort), "aborts presumed"),
            (coverage.of(RecallDecision), "commits announced after a restart"),
        ]
    }
}
