//! The participant: prepares its change, votes, enters the pre-commit state, and commits or aborts
//! when it is told. [`termination`](super::termination) has what it does when nobody tells it.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Duration, NodeId, Outbox};

use super::disk::{Disk, Record};
use super::message::{Fact, Message, Progress, Timer};
use super::node::ThreePhase;
use super::rules::ThreePhaseRule;
use crate::command::{Change, Outcome};
use crate::id::{Row, Txn};
use crate::two_phase::Prepared;

pub(super) type Cx<'a> = Context<'a, ThreePhase>;
pub(super) type Out = Outbox<ThreePhase>;

/// Part of a participant in the end of a transaction.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Part {
    /// It waits for the coordinator, or for another participant in its place.
    Following,
    /// It is the coordinator, and has asked for states. Those of restarted participants are `None`.
    Asking(BTreeMap<NodeId, Option<Progress>>),
    /// It is the coordinator, and these have entered the pre-commit state.
    Moving(BTreeSet<NodeId>),
    /// It has restarted, and so have these, which know no outcome.
    Recovering(BTreeSet<NodeId>),
}

/// A transaction for which this participant voted yes, and of which it knows no outcome.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Doubt {
    pub(crate) prepared: Prepared,
    pub(crate) progress: Progress,
    pub(crate) part: Part,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Participant {
    /// The rows that were ever changed; all others have the opening amount.
    pub(crate) rows: BTreeMap<Row, i64>,
    /// The changes in doubt. Each locks its row.
    pub(crate) doubts: BTreeMap<Txn, Doubt>,
    pub(crate) outcomes: BTreeMap<Txn, Outcome>,
}

impl Participant {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let (rows, outcomes) = (disk.rows.clone(), disk.outcomes.clone());
        let mut role = Participant { rows, doubts: BTreeMap::new(), outcomes };
        for (txn, prepared) in &disk.prepared {
            let part =
                if cx.rules.takes_part_after_restart() { Part::Following } else { Part::Recovering(BTreeSet::new()) };
            role.doubts.insert(*txn, Doubt { prepared: prepared.clone(), progress: Progress::Ready, part });
            out.because(ThreePhaseRule::RecallPrepared)
                .why(format_args!("{txn} is in doubt"))
                .arm(Timer::Silent { txn: *txn }, cx.config.retry);
        }
        role
    }

    pub(crate) fn amount(&self, row: &Row, opening: i64) -> i64 {
        self.rows.get(row).copied().unwrap_or(opening)
    }

    pub(crate) fn holder(&self, row: &Row) -> Option<Txn> {
        self.doubts.iter().find(|(_, doubt)| doubt.prepared.row == *row).map(|(txn, _)| *txn)
    }

    /// Phase 1: handles the request to prepare a change.
    pub(crate) fn prepare(
        &mut self,
        cx: &Cx<'_>,
        txn: Txn,
        change: Change,
        participants: BTreeSet<NodeId>,
        out: &mut Out,
    ) {
        let Change { row, by } = change;
        if let Some(outcome) = self.outcomes.get(&txn) {
            let mut because = out.because(ThreePhaseRule::OutcomeKnown);
            because.why(format_args!("{txn} was {outcome}"));
            if *outcome == Outcome::Abort {
                because.send(cx.config.coordinator, Message::No { txn });
            }
            return;
        }
        if self.doubts.contains_key(&txn) {
            // A crash can leave the vote on disk and its fact unsaid.
            out.because(ThreePhaseRule::VoteAgain)
                .why(format_args!("{txn} is prepared"))
                .emit(Fact::Prepared { txn, row, by })
                .send(cx.config.coordinator, Message::Yes { txn });
            return;
        }
        let (amount, holder) = (self.amount(&row, cx.config.opening), self.holder(&row));
        match cx.rules.votes(amount, by, holder) {
            Allow(rule) => {
                let after = amount.saturating_add(by);
                let prepared = Prepared { row: row.clone(), after, participants };
                out.because(rule)
                    .why(format_args!("{row} would be {after}"))
                    .persist(Record::Prepared { txn, prepared: prepared.clone() })
                    .arm(Timer::Silent { txn }, patience(cx, &prepared))
                    .emit(Fact::Prepared { txn, row, by })
                    .send(cx.config.coordinator, Message::Yes { txn });
                self.doubts.insert(txn, Doubt { prepared, progress: Progress::Ready, part: Part::Following });
            }
            Refuse(rule) => {
                let mut because = out.because(rule);
                match holder {
                    Some(holder) => because.why(format_args!("{holder} holds {row}")),
                    None => because.why(format_args!("{row} is {amount}, and cannot change by {by:+}")),
                };
                self.outcomes.insert(txn, Outcome::Abort);
                because
                    .persist(Record::Finished { txn, outcome: Outcome::Abort })
                    .emit(Fact::Finished { txn, outcome: Outcome::Abort })
                    .send(cx.config.coordinator, Message::No { txn });
            }
        }
    }

    /// Phase 2: handles the news that all have voted yes.
    pub(crate) fn pre_commit(&mut self, cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        if let Some(reached) = self.outcomes.get(&txn) {
            out.because(ThreePhaseRule::OutcomeKnown).why(format_args!("{txn} was {reached}"));
            return;
        }
        let Some(doubt) = self.doubts.get_mut(&txn) else {
            out.because(ThreePhaseRule::NothingPrepared).why(format_args!("{txn} is not prepared here"));
            return;
        };
        doubt.progress = Progress::PreCommitted;
        let mut because = out.because(ThreePhaseRule::EnterPreCommit);
        because.why(format_args!("all have voted yes to {txn}")).emit(Fact::PreCommitted { txn });
        if !matches!(doubt.part, Part::Recovering(_)) {
            doubt.part = Part::Following;
            because.arm(Timer::Silent { txn }, patience(cx, &doubt.prepared));
        }
        because.send(from, Message::Ack { txn });
    }

    /// Phase 3: handles the outcome of a transaction.
    pub(crate) fn told(&mut self, cx: &Cx<'_>, txn: Txn, outcome: Outcome, out: &mut Out) {
        let reached = self.outcomes.get(&txn).copied();
        match (cx.rules.takes(reached, outcome), reached) {
            (Refuse(rule), Some(reached)) => {
                out.because(rule).why(format_args!("{txn} was {reached}"));
            }
            (Refuse(rule), None) => {
                out.because(rule).why(format_args!("{txn} is told to be {outcome}"));
            }
            (Allow(_), None) if !self.doubts.contains_key(&txn) => {
                out.because(ThreePhaseRule::NothingPrepared).why(format_args!("{txn} is not prepared here"));
            }
            (Allow(rule), _) => self.finish(cx, rule, txn, outcome, None, out),
        }
    }

    /// Commits or aborts a change, and so unlocks its row; tells the others for which this node
    /// decides.
    pub(super) fn finish(
        &mut self,
        cx: &Cx<'_>,
        rule: ThreePhaseRule,
        txn: Txn,
        outcome: Outcome,
        decides_for: Option<&[NodeId]>,
        out: &mut Out,
    ) {
        let doubt = self.doubts.remove(&txn);
        self.outcomes.insert(txn, outcome);
        let mut because = out.because(rule);
        because.persist(Record::Finished { txn, outcome });
        if decides_for.is_some() {
            because.emit(Fact::Decided { txn, outcome });
        }
        because.emit(Fact::Finished { txn, outcome }).disarm(Timer::Silent { txn });
        for &node in decides_for.unwrap_or_default() {
            because.send(node, Message::of(outcome, txn));
        }
        let Some(Doubt { prepared: Prepared { row, after, .. }, .. }) = doubt else { return };
        if outcome == Outcome::Commit {
            self.rows.insert(row.clone(), after);
        }
        because.why(format_args!("{txn} is {outcome}: {row} is {}", self.amount(&row, cx.config.opening)));
    }
}

/// How long this participant hears nothing before it takes over.
pub(super) fn patience(cx: &Cx<'_>, prepared: &Prepared) -> Duration {
    let rank = prepared.participants.iter().filter(|node| **node < cx.me).count();
    cx.rules.takes_over_after(cx.config.silence, u32::try_from(rank).unwrap_or(u32::MAX))
}
