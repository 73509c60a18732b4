//! The participant: prepares its change, votes in ballot 0 of its own instance, and stays in doubt
//! until a leader tells it the outcome.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, NodeId, Outbox};

use super::disk::{Disk, Record};
use super::message::{Fact, Message, Timer, Vote};
use super::node::PaxosCommit;
use super::rules::PaxosCommitRule;
use crate::command::{Change, Outcome};
use crate::id::{Row, Txn};
use crate::two_phase::Prepared;

type Cx<'a> = Context<'a, PaxosCommit>;
type Out = Outbox<PaxosCommit>;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Participant {
    /// The rows that were ever changed; all others have the opening amount.
    pub(crate) rows: BTreeMap<Row, i64>,
    /// The changes in doubt. Each locks its row.
    pub(crate) prepared: BTreeMap<Txn, Prepared>,
    pub(crate) outcomes: BTreeMap<Txn, Outcome>,
    /// Index of the leader to ask next.
    pub(crate) asks: usize,
}

impl Participant {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        if !disk.prepared.is_empty() {
            let mut because = out.because(PaxosCommitRule::RecallPrepared);
            because.why(format_args!("{} in doubt", disk.prepared.len())).arm(Timer::Ask, cx.config.retry);
        }
        let (rows, prepared, outcomes) = (disk.rows.clone(), disk.prepared.clone(), disk.outcomes.clone());
        Participant { rows, prepared, outcomes, asks: 0 }
    }

    pub(crate) fn amount(&self, row: &Row, opening: i64) -> i64 {
        self.rows.get(row).copied().unwrap_or(opening)
    }

    pub(crate) fn holder(&self, row: &Row) -> Option<Txn> {
        self.prepared.iter().find(|(_, prepared)| prepared.row == *row).map(|(txn, _)| *txn)
    }

    /// Handles the request to prepare a change.
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
            out.because(PaxosCommitRule::OutcomeKnown).why(format_args!("{txn} was {outcome}"));
            return;
        }
        if self.prepared.contains_key(&txn) {
            let mut because = out.because(PaxosCommitRule::VoteAgain);
            // A crash can leave the vote on disk and its fact unsaid.
            because.why(format_args!("{txn} is prepared")).emit(Fact::Prepared { txn, row, by });
            for &acceptor in &cx.config.acceptors {
                because.send(acceptor, Message::Vote { txn, vote: Vote::Prepared });
            }
            return;
        }
        let (amount, holder) = (self.amount(&row, cx.config.opening), self.holder(&row));
        match cx.rules.votes(amount, by, holder) {
            Allow(rule) => {
                let after = amount.saturating_add(by);
                let prepared = Prepared { row: row.clone(), after, participants };
                let mut because = out.because(rule);
                because
                    .why(format_args!("{row} would be {after}"))
                    .persist(Record::Prepared { txn, prepared: prepared.clone() });
                if self.prepared.is_empty() {
                    because.arm(Timer::Ask, cx.config.retry);
                }
                because.emit(Fact::Prepared { txn, row, by });
                for &acceptor in &cx.config.acceptors {
                    because.send(acceptor, Message::Vote { txn, vote: Vote::Prepared });
                }
                self.prepared.insert(txn, prepared);
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
                    .emit(Fact::Finished { txn, outcome: Outcome::Abort });
                for &acceptor in &cx.config.acceptors {
                    because.send(acceptor, Message::Vote { txn, vote: Vote::Aborted });
                }
            }
        }
    }

    /// Handles the outcome of a transaction.
    pub(crate) fn told(&mut self, cx: &Cx<'_>, txn: Txn, outcome: Outcome, out: &mut Out) {
        let reached = self.outcomes.get(&txn).copied();
        match (cx.rules.takes(reached, outcome), reached) {
            (Refuse(rule), Some(reached)) => {
                out.because(rule).why(format_args!("{txn} was {reached}"));
            }
            (Refuse(rule), None) => {
                out.because(rule).why(format_args!("{txn} is told to be {outcome}"));
            }
            (Allow(_), None) if !self.prepared.contains_key(&txn) => {
                out.because(PaxosCommitRule::NothingPrepared).why(format_args!("{txn} is not prepared here"));
            }
            (Allow(rule), _) => self.finish(cx, rule, txn, outcome, out),
        }
    }

    /// Commits or aborts a change, and so unlocks its row.
    fn finish(&mut self, cx: &Cx<'_>, rule: PaxosCommitRule, txn: Txn, outcome: Outcome, out: &mut Out) {
        let prepared = self.prepared.remove(&txn);
        self.outcomes.insert(txn, outcome);
        let mut because = out.because(rule);
        because.persist(Record::Finished { txn, outcome }).emit(Fact::Finished { txn, outcome });
        if self.prepared.is_empty() {
            because.disarm(Timer::Ask);
            self.asks = 0;
        }
        let Some(Prepared { row, after, .. }) = prepared else { return };
        if outcome == Outcome::Commit {
            self.rows.insert(row.clone(), after);
        }
        because.why(format_args!("{row} is {}", self.amount(&row, cx.config.opening)));
    }

    /// Asks a leader what became of the transactions in doubt.
    pub(crate) fn ask(&mut self, cx: &Cx<'_>, out: &mut Out) {
        match cx.rules.on_silence() {
            Allow(rule) => {
                let in_doubt: Vec<Txn> = self.prepared.keys().copied().collect();
                in_doubt.into_iter().for_each(|txn| self.finish(cx, rule, txn, Outcome::Abort, out));
            }
            Refuse(rule) => {
                let leaders = &cx.config.leaders;
                let leader = leaders.get(self.asks).copied().unwrap_or(cx.config.first_leader());
                self.asks = (self.asks + 1) % leaders.len().max(1);
                let mut because = out.because(rule);
                because.why(format_args!("{} in doubt", self.prepared.len()));
                if !self.prepared.is_empty() {
                    because.arm(Timer::Ask, cx.config.retry);
                }
                for (&txn, prepared) in &self.prepared {
                    because.send(leader, Message::WhatBecame { txn, participants: prepared.participants.clone() });
                }
            }
        }
    }
}
