//! The participant: locks and prepares its rows, votes, and stays in doubt until it is told the
//! outcome.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, NodeId, Outbox};

use super::disk::{Disk, Prepared, Record};
use super::message::{Fact, Message, Timer};
use super::node::TwoPhase;
use super::rules::TwoPhaseRule;
use crate::command::{Change, Outcome};
use crate::id::{Row, Txn};

type Cx<'a> = Context<'a, TwoPhase>;
type Out = Outbox<TwoPhase>;

/// A transaction's part that is asked for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Part {
    pub(crate) txn: Txn,
    pub(crate) change: Change,
    pub(crate) participants: BTreeSet<NodeId>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Participant {
    /// The rows that were ever changed; all others have the opening amount.
    pub(crate) rows: BTreeMap<Row, i64>,
    pub(crate) prepared: BTreeMap<Txn, Prepared>,
    pub(crate) locks: BTreeMap<Row, Txn>,
    /// Parts that wait for a locked row, first come, first served.
    pub(crate) waiting: Vec<Part>,
    pub(crate) outcomes: BTreeMap<Txn, Outcome>,
}

impl Participant {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        let held = disk.prepared.iter().filter(|_| cx.rules.locks_again());
        let locks = held.map(|(txn, prepared)| (prepared.row.clone(), *txn)).collect();
        if !disk.prepared.is_empty() {
            let mut because = out.because(TwoPhaseRule::RecallPrepared);
            because.why(format_args!("{} in doubt", disk.prepared.len())).arm(Timer::Ask, cx.config.retry);
        }
        let (rows, prepared, outcomes) = (disk.rows.clone(), disk.prepared.clone(), disk.outcomes.clone());
        Participant { rows, prepared, locks, waiting: Vec::new(), outcomes }
    }

    pub(crate) fn amount(&self, row: &Row, opening: i64) -> i64 {
        self.rows.get(row).copied().unwrap_or(opening)
    }

    /// Phase 1: handles the request to prepare a part.
    pub(crate) fn prepare(&mut self, cx: &Cx<'_>, part: Part, out: &mut Out) {
        let txn = part.txn;
        if let Some(outcome) = self.outcomes.get(&txn) {
            let answer = if *outcome == Outcome::Commit { Message::Done { txn } } else { Message::No { txn } };
            out.because(TwoPhaseRule::OutcomeKnown)
                .why(format_args!("{txn} was {outcome}"))
                .send(cx.config.coordinator, answer);
        } else if self.prepared.contains_key(&txn) {
            out.because(TwoPhaseRule::VoteAgain)
                .why(format_args!("{txn} is prepared"))
                .send(cx.config.coordinator, Message::Yes { txn });
        } else if self.waiting.iter().any(|waits| waits.txn == txn) {
            out.because(TwoPhaseRule::WaitForRow).why(format_args!("{txn} waits for {}", part.change.row));
        } else {
            self.lock(cx, part, out);
        }
    }

    /// Locks the row and votes, or waits for the row.
    fn lock(&mut self, cx: &Cx<'_>, part: Part, out: &mut Out) {
        let Part { txn, change: Change { row, .. }, .. } = &part;
        let holder = self.locks.get(row).copied();
        match (cx.rules.locks(holder), holder) {
            (Allow(rule), _) => {
                out.because(rule).why(format_args!("{row} is locked for {txn}"));
                self.vote(cx, part, out);
            }
            (Refuse(rule), holder) => {
                let mut because = out.because(rule);
                if let Some(holder) = holder {
                    because.why(format_args!("{holder} holds {row}"));
                    because.emit(Fact::Blocked { txn: *txn, row: row.clone(), holder });
                }
                self.waiting.push(part);
            }
        }
    }

    fn vote(&mut self, cx: &Cx<'_>, part: Part, out: &mut Out) {
        let Part { txn, change: Change { row, by }, participants } = part;
        let amount = self.amount(&row, cx.config.opening);
        match cx.rules.votes(amount, by) {
            Allow(rule) => {
                let after = amount.saturating_add(by);
                let prepared = Prepared { row: row.clone(), after, participants };
                let mut because = out.because(rule);
                because.why(format_args!("{row} would be {after}"));
                if cx.rules.writes_yes() {
                    because.persist(Record::Prepared { txn, prepared: prepared.clone() });
                }
                if self.prepared.is_empty() {
                    because.arm(Timer::Ask, cx.config.retry);
                }
                because
                    .emit(Fact::Prepared { txn, row: row.clone(), by })
                    .send(cx.config.coordinator, Message::Yes { txn });
                self.locks.insert(row, txn);
                self.prepared.insert(txn, prepared);
            }
            Refuse(rule) => {
                self.outcomes.insert(txn, Outcome::Abort);
                out.because(rule)
                    .why(format_args!("{row} is {amount}, and cannot change by {by:+}"))
                    .persist(Record::Finished { txn, outcome: Outcome::Abort })
                    .emit(Fact::Finished { txn, outcome: Outcome::Abort })
                    .send(cx.config.coordinator, Message::No { txn });
            }
        }
    }

    /// Phase 2: handles the outcome of a transaction.
    pub(crate) fn told(&mut self, cx: &Cx<'_>, txn: Txn, outcome: Outcome, out: &mut Out) {
        let txn = cx.rules.ends(txn, self.prepared.keys().next_back().copied());
        let reached = self.outcomes.get(&txn).copied();
        match cx.rules.takes(reached, outcome) {
            Refuse(rule) => {
                let mut because = out.because(rule);
                if let Some(reached) = reached {
                    because.why(format_args!("{txn} was {reached}"));
                }
                if reached == Some(Outcome::Commit) {
                    because.send(cx.config.coordinator, Message::Done { txn });
                }
            }
            Allow(_) if reached.is_none() && !self.prepared.contains_key(&txn) => {
                self.waiting.retain(|part| part.txn != txn);
                out.because(TwoPhaseRule::NothingPrepared).why(format_args!("{txn} is not prepared here"));
            }
            Allow(rule) => self.finish(cx, rule, txn, outcome, out),
        }
    }

    /// Commits or aborts a part, unlocks its row, and goes on with those that waited for it.
    fn finish(&mut self, cx: &Cx<'_>, rule: TwoPhaseRule, txn: Txn, outcome: Outcome, out: &mut Out) {
        let prepared = self.prepared.remove(&txn);
        self.outcomes.insert(txn, outcome);
        let mut because = out.because(rule);
        because.persist(Record::Finished { txn, outcome }).emit(Fact::Finished { txn, outcome });
        if self.prepared.is_empty() {
            because.disarm(Timer::Ask);
        }
        if outcome == Outcome::Commit {
            because.send(cx.config.coordinator, Message::Done { txn });
        }
        let Some(Prepared { row, after, .. }) = prepared else { return };
        match outcome {
            Outcome::Commit => {
                because.why(format_args!("{row} is {after}"));
                self.rows.insert(row.clone(), after);
            }
            Outcome::Abort => {
                because.why(format_args!("{row} stays {}", self.amount(&row, cx.config.opening)));
            }
        }
        self.unlock(cx, &row, txn, out);
    }

    /// Unlocks a row that the transaction holds, and goes on with those that waited for it.
    fn unlock(&mut self, cx: &Cx<'_>, row: &Row, txn: Txn, out: &mut Out) {
        if self.locks.get(row) == Some(&txn) {
            self.locks.remove(row);
            self.admit(cx, row, out);
        }
    }

    /// Goes on with the parts that wait for a row, until one locks it.
    fn admit(&mut self, cx: &Cx<'_>, row: &Row, out: &mut Out) {
        // Each is tried once: a rulebook that locks nothing puts them back.
        for _ in 0..self.waiting.len() {
            let next = self.waiting.iter().position(|part| part.change.row == *row);
            match next {
                Some(next) if !self.locks.contains_key(row) => {
                    let part = self.waiting.remove(next);
                    self.lock(cx, part, out);
                }
                _ => return,
            }
        }
    }

    /// Asks what became of the transactions in doubt.
    pub(crate) fn ask(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let in_doubt: Vec<Txn> = self.prepared.keys().copied().collect();
        match cx.rules.on_silence() {
            Allow(rule) => in_doubt.into_iter().for_each(|txn| self.finish(cx, rule, txn, Outcome::Abort, out)),
            Refuse(rule) => {
                let mut because = out.because(rule);
                let keeps_lock = cx.rules.keeps_lock();
                let unlocked = if keeps_lock { "" } else { ", and unlocked" };
                because.why(format_args!("{} in doubt{unlocked}", in_doubt.len()));
                if !in_doubt.is_empty() {
                    because.arm(Timer::Ask, cx.config.retry);
                }
                for (&txn, prepared) in &self.prepared {
                    because.send(cx.config.coordinator, Message::WhatBecame { txn });
                    let others = prepared.participants.iter().filter(|node| cx.config.ask_others && **node != cx.me);
                    for &other in others {
                        because.send(other, Message::WhatBecame { txn });
                    }
                }
                if !keeps_lock {
                    let held: Vec<(Row, Txn)> = self.locks.iter().map(|(row, txn)| (row.clone(), *txn)).collect();
                    held.into_iter().for_each(|(row, txn)| self.unlock(cx, &row, txn, out));
                }
            }
        }
    }

    /// Answers another participant that is in doubt (cooperative termination).
    pub(crate) fn what_became(&mut self, cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        if let Some(&outcome) = self.outcomes.get(&txn) {
            out.because(TwoPhaseRule::TellOutcome)
                .why(format_args!("{txn} was {outcome}"))
                .send(from, Message::of(outcome, txn));
        } else if self.prepared.contains_key(&txn) {
            out.because(TwoPhaseRule::DoubtToo).why(format_args!("{txn} is in doubt here, too"));
        } else {
            self.waiting.retain(|part| part.txn != txn);
            let mut because = out.because(TwoPhaseRule::AbortUnvoted);
            because.why(format_args!("this node has not voted on {txn}"));
            if cx.rules.remembers_abort() {
                self.outcomes.insert(txn, Outcome::Abort);
                because.persist(Record::Finished { txn, outcome: Outcome::Abort });
            }
            because.emit(Fact::Finished { txn, outcome: Outcome::Abort }).send(from, Message::Abort { txn });
        }
    }
}
