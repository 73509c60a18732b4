//! Random runs of sagas: clients that make [transfers](super::transfers), whose sagas see each other's
//! steps.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{Coverage, Experiment, Setup, World};
use quorate_protocol::{Duration, NodeId};
use quorate_transactions::saga::{Safety, Saga, SagaRule, Settings};

use super::contract::transactions::OPENING;
use super::contract::{AnswerStats, SagaAnswers};
use super::transfers::{LATECOMER, STUBBORN, TAKES_REQUESTS, names, requests};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::SagaTarget;

const O: NodeId = TAKES_REQUESTS;

impl SimTarget for SagaTarget {
    type Machine = Saga;
    type Invariants = (Safety, SagaAnswers);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "ended every saga";

    /// In every second seed the last service is the pivot.
    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let services: Vec<NodeId> = (1..=run.nodes).map(NodeId).collect();
        let pivot = services.last().copied().filter(|_| run.seed.is_multiple_of(2));
        let config = Settings { opening: OPENING, pivot, ..Settings::new(O, services) }.build()?;
        let names = names(["O"], run);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of sagas")
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

    fn reached(world: &World<Saga, Watched<Self>>) -> bool {
        let is_done = |machine: &Option<Saga>| machine.as_ref().is_some_and(|node| node.running().next().is_none());
        !world.answers(LATECOMER).is_empty() && world.clients_are_idle() && world.machines().iter().all(is_done)
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<Saga>) -> Vec<(u64, &'static str)> {
        use SagaRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(EndSaga), "sagas carried out"),
            (coverage.of(EndUndone), "sagas undone"),
            (coverage.of(Undo), "steps undone"),
            (coverage.of(LeaveMark), "compensations that came before their steps"),
            (coverage.of(Overdue), "steps that came after their compensations"),
            (coverage.of(ActAgain) + coverage.of(UndoAgain), "repetitions that changed nothing"),
        ]
    }
}
