//! Random runs of the local message table: two clients order at a shop, and every order must be
//! shipped once.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Rng, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};
use quorate_transactions::Row;
use quorate_transactions::outbox::{Command, MessageTable, OutboxRule, Safety, Settings};

use super::contract::{AnswerStats, LinearizableAnswers, OutboxAnswers};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::OutboxTarget;

const SHOP: NodeId = NodeId(0);
const BROKER: NodeId = NodeId(1);
const STOCK: NodeId = NodeId(2);
/// Number of clients during the fault window; another one comes after the recovery.
const CLIENTS: u64 = 2;
const LATECOMER: ClientId = ClientId(2);
/// Mean time between two requests.
const PACE: Duration = Duration::from_millis(60);
/// Retry policy: clients retry until the end of the run.
const STUBBORN: RetryPolicy = RetryPolicy { timeout: Duration::from_millis(100), attempts: u32::MAX, rotates: false };

fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(run.seed, u64::MAX - 1);
    let order = |units| Command::Place { item: Row::from("apples"), units };
    let count = nanos(run.span) / nanos(PACE);
    let mut requests: Vec<_> = (0..count)
        .map(|_| ClientRequest {
            at: Time::from_nanos(rng.below(nanos(run.span))),
            client: ClientId(rng.below(CLIENTS) as u32),
            of: Some(SHOP),
            command: order(1 + rng.below(3)),
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let at = Time::ZERO + run.span + Duration::from_nanos(1);
    requests.push(ClientRequest { at, client: LATECOMER, of: Some(SHOP), command: order(1) });
    requests
}

/// Always three nodes, each in a role of its own.
impl SimTarget for OutboxTarget {
    type Machine = MessageTable;
    type Invariants = (Safety, LinearizableAnswers<OutboxAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "shipped every order";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let config = Settings::new(SHOP, BROKER, STOCK).build()?;
        let names = Names::new(["shop", "broker", "stock"], ["c1", "c2", "latecomer"]);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of a local message table")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(STUBBORN),
            invariants: (Default::default(), Coverage::default()),
            requests: requests(run),
            faults: run.fault_plan.schedule(run.seed, 3, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(10),
        })
    }

    fn reached(world: &World<MessageTable, Watched<Self>>) -> bool {
        let is_empty = |node| world.machine(node).is_some_and(|machine| machine.messages().next().is_none());
        !world.answers(LATECOMER).is_empty()
            && world.clients_are_idle()
            && world.machine(STOCK).is_some()
            && [SHOP, BROKER].into_iter().all(is_empty)
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<MessageTable>) -> Vec<(u64, &'static str)> {
        use OutboxRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(Place), "orders placed"),
            (coverage.of(Handle), "messages handled"),
            (coverage.of(QueuedAlready) + coverage.of(KnownId) + coverage.of(AtWork), "copies that changed nothing"),
            (coverage.of(AnswerFromRecord), "requests answered from a record"),
        ]
    }
}
