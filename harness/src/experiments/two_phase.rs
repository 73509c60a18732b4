//! Random runs of two-phase commit: three clients move amounts between participants, also against
//! each other, so that transactions wait for rows, deadlock and are refused.

use std::collections::BTreeMap;
use std::iter::once;

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, RetryPolicy, Rng, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};
use quorate_transactions::Row;
use quorate_transactions::two_phase::{Change, Command, Safety, Settings, TwoPhase, TwoPhaseRule};

use super::contract::transactions::OPENING;
use super::contract::{AnswerStats, LinearizableAnswers, TwoPhaseAnswers};
use super::reach::{self, Need};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::TwoPhaseTarget;

const T: NodeId = NodeId(0);
/// Number of clients during the fault window; another one comes after the recovery.
const CLIENTS: u64 = 3;
pub(super) const LATECOMER: ClientId = ClientId(3);
/// Mean time between two requests.
const PACE: Duration = Duration::from_millis(60);

/// Retry policy: clients retry until the end of the run.
pub(super) const STUBBORN: RetryPolicy =
    RetryPolicy { timeout: Duration::from_millis(250), attempts: u32::MAX, rotates: false };

/// A move of up to six from one participant to another; with a single participant, a payment.
/// Participants have the ids from `first`.
fn transfer(rng: &mut Rng, nodes: u32, first: u32) -> Command {
    let nodes = u64::from(nodes);
    let from = rng.below(nodes);
    let to = (from + 1 + rng.below(nodes.saturating_sub(1).max(1))) % nodes;
    let by = 1 + rng.below(6) as i64;
    let mut change = |by| Change { row: Row::from(if rng.below(3) == 0 { "b" } else { "a" }), by };
    let changes = [(to, change(by)), (from, change(-by))];
    let changes: BTreeMap<_, _> =
        changes.into_iter().map(|(node, change)| (NodeId(first + node as u32), change)).collect();
    Command::Transact { changes }
}

/// Requests of a run, whose participants have the ids from `first`.
pub(super) fn requests(run: &RunParameters, first: u32) -> Vec<ClientRequest<Command>> {
    let mut rng = Rng::new(run.seed, u64::MAX - 1);
    let count = nanos(run.span) / nanos(PACE);
    let mut requests: Vec<_> = (0..count)
        .map(|_| ClientRequest {
            at: Time::from_nanos(rng.below(nanos(run.span))),
            client: ClientId(rng.below(CLIENTS) as u32),
            of: Some(T),
            command: transfer(&mut rng, run.nodes, first),
        })
        .collect();
    requests.sort_by_key(|request| request.at);
    let everybody = (0..run.nodes).map(|node| (NodeId(first + node), Change { row: Row::from("a"), by: 1 }));
    let at = Time::ZERO + run.span + Duration::from_nanos(1);
    let command = Command::Transact { changes: everybody.collect() };
    requests.push(ClientRequest { at, client: LATECOMER, of: Some(T), command });
    requests
}

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
        let nodes = once("T".to_owned()).chain((1..=run.nodes).map(|number| format!("n{number}")));
        let names = Names::new(nodes, ["c1", "c2", "c3", "latecomer"]);
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
