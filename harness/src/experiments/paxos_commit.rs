//! Random runs of Paxos Commit: clients that make [transfers](super::transfers), with two
//! leaders and three acceptors.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::sim::{Coverage, Experiment, Setup, World};
use quorate_protocol::{Duration, NodeId};
use quorate_transactions::AtomicCommit;
use quorate_transactions::paxos_commit::{PaxosCommit, PaxosCommitRule, Safety, Settings};

use super::contract::transactions::OPENING;
use super::contract::{AnswerStats, LinearizableAnswers, TwoPhaseAnswers};
use super::reach::{self, Need};
use super::transfers::{LATECOMER, STUBBORN, names, requests};
use super::{Planned, RunParameters, SimTarget, Watched, under_rules};
use crate::TargetError;
use crate::protocols::PaxosCommitTarget;

const OTHERS: [&str; 5] = ["T", "U", "X", "Y", "Z"];
/// Id of the first participant, after the leaders T and U and the acceptors X, Y and Z.
const FIRST: u32 = OTHERS.len() as u32;

impl SimTarget for PaxosCommitTarget {
    type Machine = PaxosCommit;
    type Invariants = (Safety, LinearizableAnswers<TwoPhaseAnswers>);

    const NAME: &'static str = Self::NAME;
    const GOAL: &'static str = "decided every transaction and left nobody in doubt";

    fn plan(
        book: impl Into<NamedRulebookOf<Self::Machine>>,
        run: &RunParameters,
    ) -> Result<Planned<Self>, TargetError> {
        let participants = (0..run.nodes).map(|node| NodeId(FIRST + node));
        let settings = Settings::new([0, 1].map(NodeId), participants, [2, 3, 4].map(NodeId));
        let config = Settings { opening: OPENING, ..settings }.build()?;
        let what = "the two phases of a leader's ballot";
        let ballot = Need { what, messages: 4, bound: "the vote timeout", within: config.vote_timeout };
        reach::check::<Self>(run, [ballot])?;
        let names = names(OTHERS, run);
        Ok(Experiment {
            setup: under_rules(Setup::new(Self::NAME, names, config), book.into())
                .title("A random run of Paxos Commit")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(STUBBORN),
            invariants: (Default::default(), Coverage::default()),
            requests: requests(run, FIRST),
            faults: run.fault_plan.schedule(run.seed, run.nodes + FIRST, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(10),
        })
    }

    fn reached(world: &World<PaxosCommit, Watched<Self>>) -> bool {
        let is_done = |machine: &Option<PaxosCommit>| {
            machine.as_ref().is_some_and(|node| node.in_doubt().next().is_none() && node.open().next().is_none())
        };
        !world.answers(LATECOMER).is_empty() && world.clients_are_idle() && world.machines().iter().all(is_done)
    }

    fn answer_stats((_, answers): &Self::Invariants) -> AnswerStats {
        answers.answer_stats()
    }

    fn coverage(coverage: &Coverage<PaxosCommit>) -> Vec<(u64, &'static str)> {
        use PaxosCommitRule::*;
        vec![
            (coverage.crashes(), "crashes"),
            (coverage.of(DecideCommit), "decisions to commit"),
            (coverage.of(DecideAbort), "decisions to abort"),
            (coverage.of(RowLocked), "votes against a transaction that finds a locked row"),
            (coverage.of(TakeOver), "ballots of leaders"),
            (coverage.of(ProposeReported), "ballots that keep every vote"),
            (coverage.of(ProposeFree), "ballots that abort where no vote was accepted"),
            (coverage.of(Preempted), "refusals because of a higher ballot"),
        ]
    }
}
