//! The oracle's view of messages and replies: who says what to whom, and whether it may.

use quorate_protocol::{NodeId, RequestId};
use quorate_transactions::Txn;
use quorate_transactions::two_phase::{Change, Command, Message, Outcome, Reply};

use super::{Oracle, Verdict, broken};

impl Oracle {
    pub(in crate::grade::build::transactions) fn message(
        &mut self,
        node: NodeId,
        to: NodeId,
        message: &Message,
    ) -> Verdict {
        self.messages += 1;
        if self.messages > self.messages_max {
            let (sent, max) = (self.messages, self.messages_max);
            let detail = format!("{sent} messages were sent in this run, and the maximum is {max}");
            return broken("TooManyMessages", detail);
        }
        match message {
            Message::Prepare { txn, row, by, .. } => self.asks(node, to, *txn, Change { row: row.clone(), by: *by }),
            Message::Yes { txn } | Message::No { txn } => {
                self.votes(node, *txn, matches!(message, Message::Yes { .. }))
            }
            // The announcement of a decision is one: a crash may have left it on disk and unsaid.
            Message::Commit { txn } if node == self.coordinator => self.decides(node, *txn, Outcome::Commit),
            Message::Commit { txn } if self.has_reached(node, *txn, Outcome::Commit) => Ok(()),
            Message::Commit { txn } => {
                broken("OneVote", format!("{node} tells {to} that {txn} is committed, and has not committed it"))
            }
            Message::Abort { txn } => self.tells_abort(node, to, *txn),
            Message::Done { txn } => self.acknowledges(node, *txn),
            Message::WhatBecame { txn } => {
                self.part(to, *txn).may_abort.1 = true;
                Ok(())
            }
        }
    }

    fn asks(&mut self, node: NodeId, to: NodeId, txn: Txn, change: Change) -> Verdict {
        let participants = self.transactions.get(&txn).map(|known| &known.participants);
        let is_of = |command: &Command| {
            let Command::Transact { changes } = command;
            changes.get(&to) == Some(&change) && participants.is_some_and(|of| of.iter().eq(changes.keys()))
        };
        let before = self.parts.get(&(to, txn)).and_then(|part| part.asked.as_ref());
        if !self.commands.iter().any(is_of) || before.is_some_and(|before| *before != change) {
            let detail = format!("{node} asks {to} to prepare {change} for {txn}, which no client has asked for");
            return broken("PartsAsAsked", detail);
        }
        let life = self.life(to);
        let part = self.part(to, txn);
        if part.asked.is_none() {
            part.asked_in = life;
        }
        part.asked = Some(change);
        Ok(())
    }

    fn votes(&self, node: NodeId, txn: Txn, yes: bool) -> Verdict {
        let part = self.parts.get(&(node, txn)).cloned().unwrap_or_default();
        let has_aborted = self.has_reached(node, txn, Outcome::Abort);
        if !yes && part.prepared.is_some() && !has_aborted {
            return broken("YesStays", format!("{node} says no to {txn}, to which it has said yes"));
        }
        if yes && (part.prepared.is_none() || part.finished == Some(Outcome::Abort)) {
            return broken("OneVote", format!("{node} says yes to {txn}, which it has not prepared, or has aborted"));
        }
        if !yes && !has_aborted {
            return broken("OneVote", format!("{node} says no to {txn}, and has not aborted it"));
        }
        Ok(())
    }

    fn tells_abort(&mut self, node: NodeId, to: NodeId, txn: Txn) -> Verdict {
        // An answer that comes after the commit of all does no harm.
        if self.outcome(txn) == Some(Outcome::Commit) && !self.has_reached(to, txn, Outcome::Commit) {
            let detail = format!("{node} tells {to} that {txn} was aborted, and it is committed");
            return broken("SameOutcome", detail);
        }
        if node != self.coordinator && !self.has_reached(node, txn, Outcome::Abort) {
            return broken("OneVote", format!("{node} tells {to} that {txn} was aborted, and has not aborted it"));
        }
        self.part(to, txn).may_abort.0 = true;
        if let Some(known) = self.transactions.get_mut(&txn) {
            known.told_abort = true;
        }
        Ok(())
    }

    fn acknowledges(&mut self, node: NodeId, txn: Txn) -> Verdict {
        if self.has_reached(node, txn, Outcome::Commit) {
            self.part(node, txn).finished = Some(Outcome::Commit);
            return Ok(());
        }
        broken("AnswersAreTrue", format!("{node} acknowledges the commit of {txn}, and has not committed it"))
    }

    pub(in crate::grade::build::transactions) fn reply(
        &mut self,
        node: NodeId,
        ticket: RequestId,
        reply: &Reply,
    ) -> Verdict {
        let is_of = |txn: &Txn, outcome| {
            self.transactions.get(txn).is_some_and(|known| known.ticket == ticket && known.outcome == Some(outcome))
        };
        let is_true = match reply {
            Reply::Committed { txn } => is_of(txn, Outcome::Commit),
            Reply::Aborted { txn } => is_of(txn, Outcome::Abort),
            // No client of these runs asks for something invalid.
            Reply::Invalid => false,
            Reply::Overtaken | Reply::NotTheCoordinator { .. } => true,
        };
        if !is_true {
            let detail = format!("{node} answers {ticket} with {reply:?}, which is not what was decided on it");
            return broken("AnswersAreTrue", detail);
        }
        if let Reply::Aborted { .. } = reply {
            self.told_aborted.insert(ticket);
        }
        Ok(())
    }
}
