//! Invariants over the messages, facts and replies of machines for two-phase commit.
//!
//! The oracle sees the requests to prepare, the votes, the decisions and what becomes of each part.
//! From these it knows which rows must be locked, and how much they hold. So it notices two
//! outcomes; and also, before that happens, a vote that is not kept, a row that is given away, or a
//! commit without a vote.

mod messages;

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{ClientId, Effect, Invariant, InvariantViolation, NodeId, RequestId, StepKind, StepView};
use quorate_transactions::two_phase::{Change, Command, Config, Fact, Outcome};
use quorate_transactions::{Row, Txn};

use super::TwoPhaseMachine;

/// Public record of a run.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Oracle {
    coordinator: NodeId,
    opening: i64,
    /// The commands that clients have sent.
    commands: BTreeSet<Command>,
    transactions: BTreeMap<Txn, Transaction>,
    parts: BTreeMap<(NodeId, Txn), Part>,
    /// The committed transaction of each request.
    committed: BTreeMap<RequestId, Txn>,
    /// The requests whose clients were told of an abort.
    told_aborted: BTreeSet<RequestId>,
    /// Number of starts of each node.
    lives: BTreeMap<NodeId, u64>,
    messages: u64,
    messages_max: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Transaction {
    ticket: RequestId,
    participants: BTreeSet<NodeId>,
    outcome: Option<Outcome>,
    /// Whether somebody was told that it was aborted.
    told_abort: bool,
}

/// The part of a transaction at a participant.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Part {
    asked: Option<Change>,
    /// Start of the participant in which it was asked.
    asked_in: u64,
    /// Start of the participant in which it was prepared.
    prepared: Option<u64>,
    finished: Option<Outcome>,
    /// Whether this participant was told that the transaction was aborted, or was asked by another
    /// one in doubt.
    may_abort: (bool, bool),
}

type Verdict = Result<(), InvariantViolation>;

fn broken(invariant: &'static str, detail: String) -> Verdict {
    Err(InvariantViolation::new(invariant, detail))
}

impl Oracle {
    pub(super) fn new(config: &Config, messages_max: u64) -> Self {
        Oracle {
            coordinator: config.coordinator,
            opening: config.opening,
            commands: BTreeSet::new(),
            transactions: BTreeMap::new(),
            parts: BTreeMap::new(),
            committed: BTreeMap::new(),
            told_aborted: BTreeSet::new(),
            lives: BTreeMap::new(),
            messages: 0,
            messages_max,
        }
    }

    /// Number of committed requests: of one client, or of all.
    pub(super) fn commits(&self, client: Option<ClientId>) -> usize {
        self.committed.keys().filter(|ticket| client.is_none_or(|client| ticket.client == client)).count()
    }

    /// Whether nobody is in doubt.
    pub(super) fn is_settled(&self) -> bool {
        self.parts.keys().all(|(node, txn)| !self.is_held(*node, *txn))
    }

    #[cfg(test)]
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    fn life(&self, node: NodeId) -> u64 {
        self.lives.get(&node).copied().unwrap_or(0)
    }

    fn outcome(&self, txn: Txn) -> Option<Outcome> {
        self.transactions.get(&txn)?.outcome
    }

    /// Whether a part is prepared and must still be.
    ///
    /// A crash may leave the end of a part on disk and its fact unsaid. So after a restart a part
    /// whose outcome was announced may be over.
    fn is_held(&self, node: NodeId, txn: Txn) -> bool {
        let Some(Part { prepared: Some(life), finished: None, .. }) = self.parts.get(&(node, txn)) else {
            return false;
        };
        let is_announced = |of: &Transaction| of.outcome.is_some() || of.told_abort;
        *life == self.life(node) || !self.transactions.get(&txn).is_some_and(is_announced)
    }

    /// Whether a node has reached this outcome. After a restart it may have, and not have said so.
    fn has_reached(&self, node: NodeId, txn: Txn, outcome: Outcome) -> bool {
        let Some(part) = self.parts.get(&(node, txn)) else { return false };
        let may_have = match (part.prepared, outcome) {
            (Some(_), Outcome::Commit) => !self.is_held(node, txn) && self.outcome(txn) == Some(Outcome::Commit),
            (Some(_), Outcome::Abort) => !self.is_held(node, txn) && part.may_abort.0,
            (None, Outcome::Commit) => false,
            (None, Outcome::Abort) => part.asked.is_some() && part.asked_in != self.life(node),
        };
        part.finished.map_or(may_have, |finished| finished == outcome)
    }

    /// The amount of a row, with all changes that are committed there.
    fn amount(&self, node: NodeId, row: &Row) -> i64 {
        let of_row = |(at, part): &(Txn, &Part)| {
            let is_over = match part.finished {
                Some(outcome) => outcome == Outcome::Commit,
                None => part.prepared.is_some() && self.outcome(*at) == Some(Outcome::Commit),
            };
            is_over.then_some(part.asked.as_ref()).flatten().filter(|change| change.row == *row).map(|change| change.by)
        };
        let own = self.parts.iter().filter(|((at, _), _)| *at == node).map(|((_, txn), part)| (*txn, part));
        own.filter_map(|part| of_row(&part)).fold(self.opening, i64::saturating_add)
    }

    /// Another transaction that must still hold a row.
    fn holder(&self, node: NodeId, row: &Row, but: Txn) -> Option<Txn> {
        let is_on = |part: &Part| part.asked.as_ref().is_some_and(|change| change.row == *row);
        let mut own = self.parts.iter().filter(|((at, txn), part)| *at == node && *txn != but && is_on(part));
        own.find(|((_, txn), _)| self.is_held(node, *txn)).map(|((_, txn), _)| *txn)
    }

    fn part(&mut self, node: NodeId, txn: Txn) -> &mut Part {
        self.parts.entry((node, txn)).or_default()
    }

    pub(super) fn fact(&mut self, node: NodeId, fact: &Fact) -> Verdict {
        match fact {
            Fact::Began { txn, ticket, participants } => self.begins(node, *txn, *ticket, participants),
            Fact::Prepared { txn, row, by } => self.prepares(node, *txn, &Change { row: row.clone(), by: *by }),
            Fact::Decided { txn, outcome } => self.decides(node, *txn, *outcome),
            Fact::Finished { txn, outcome } => self.finishes(node, *txn, *outcome),
            Fact::Blocked { .. } => Ok(()),
        }
    }

    fn begins(&mut self, node: NodeId, txn: Txn, ticket: RequestId, participants: &BTreeSet<NodeId>) -> Verdict {
        if self.transactions.contains_key(&txn) {
            let detail = format!("{node} begins a transaction {txn} for {ticket}, and there was one of that name");
            return broken("IdentifiersAreNew", detail);
        }
        let participants = participants.clone();
        self.transactions.insert(txn, Transaction { ticket, participants, outcome: None, told_abort: false });
        Ok(())
    }

    fn prepares(&mut self, node: NodeId, txn: Txn, change: &Change) -> Verdict {
        let (life, part) = (self.life(node), self.parts.get(&(node, txn)).cloned().unwrap_or_default());
        if part.asked.as_ref() != Some(change) {
            return broken("PartsAsAsked", format!("{node} prepares {change} for {txn}, which nobody has asked for"));
        }
        if part.finished.is_some() {
            return broken("OneVote", format!("{node} prepares {txn}, which is over there"));
        }
        if part.prepared.is_some_and(|before| before != life) {
            let detail =
                format!("{node} prepares {txn} anew: before its restart it had said yes, and has forgotten it");
            return broken("YesStays", detail);
        }
        if let Some(holder) = self.holder(node, &change.row, txn) {
            let detail = format!("{node} prepares {change} for {txn}, and {holder} has not let go of that row");
            return broken("RowsAreLocked", detail);
        }
        let amount = self.amount(node, &change.row);
        if amount.checked_add(change.by).is_none_or(|after| after < 0) {
            return broken(
                "NeverBelowZero",
                format!("{node} prepares {change} for {txn}, and that row holds {amount}"),
            );
        }
        self.part(node, txn).prepared = Some(life);
        Ok(())
    }

    fn decides(&mut self, node: NodeId, txn: Txn, outcome: Outcome) -> Verdict {
        let Some(Transaction { ticket, participants, outcome: before, told_abort }) =
            self.transactions.get(&txn).cloned()
        else {
            return broken("PartsAsAsked", format!("{node} decides {txn}, which was never begun"));
        };
        if before.is_some_and(|before| before != outcome) || (told_abort && outcome == Outcome::Commit) {
            let detail = format!("{node} decides that {txn} is {outcome}, and it was decided otherwise before");
            return broken("SameOutcome", detail);
        }
        if outcome == Outcome::Commit {
            let part = |node: &NodeId| self.parts.get(&(*node, txn));
            let has_aborted = |node: &&NodeId| part(node).is_some_and(|part| part.finished == Some(Outcome::Abort));
            if let Some(other) = participants.iter().find(has_aborted) {
                return broken("SameOutcome", format!("{node} commits {txn}, which {other} has aborted"));
            }
            let is_missing = |node: &&NodeId| part(node).is_none_or(|part| part.prepared.is_none());
            if let Some(missing) = participants.iter().find(is_missing) {
                return broken("CommitNeedsEveryYes", format!("{node} commits {txn}, and {missing} has not said yes"));
            }
            self.commits_request(node, txn, ticket)?;
        }
        if let Some(known) = self.transactions.get_mut(&txn) {
            known.outcome = Some(outcome);
        }
        Ok(())
    }

    fn commits_request(&mut self, node: NodeId, txn: Txn, ticket: RequestId) -> Verdict {
        if self.told_aborted.contains(&ticket) {
            let detail = format!("{node} commits {txn} for {ticket}, whose client was told that it was aborted");
            return broken("AnswersAreTrue", detail);
        }
        let first = *self.committed.entry(ticket).or_insert(txn);
        if first != txn {
            let detail = format!("{node} commits {txn} for {ticket}, which was committed as {first} before");
            return broken("EachRequestOnce", detail);
        }
        Ok(())
    }

    fn finishes(&mut self, node: NodeId, txn: Txn, outcome: Outcome) -> Verdict {
        let part = self.parts.get(&(node, txn)).cloned().unwrap_or_default();
        let decided = self.outcome(txn);
        let other = part.finished.or(decided).filter(|other| *other != outcome);
        if let Some(other) = other {
            return broken("SameOutcome", format!("{node} has {txn} {outcome}, and it was {other} before"));
        }
        if outcome == Outcome::Commit && (decided.is_none() || part.prepared.is_none()) {
            let detail = format!("{node} commits {txn}, which nobody has decided, or to which it has not said yes");
            return broken("CommitNeedsEveryYes", detail);
        }
        let (was_told, was_asked) = part.may_abort;
        if outcome == Outcome::Abort && part.prepared.is_some() && !was_told {
            let detail = format!("{node} aborts {txn} by itself, to which it has said yes");
            return broken("InDoubtIsBlocked", detail);
        }
        if outcome == Outcome::Abort && part.prepared.is_none() && !was_told && !was_asked {
            self.has_a_reason(node, txn, part.asked.as_ref())?;
        }
        self.part(node, txn).finished = Some(outcome);
        Ok(())
    }

    /// Checks that a participant aborts before it has voted only because it cannot make its change.
    fn has_a_reason(&self, node: NodeId, txn: Txn, change: Option<&Change>) -> Verdict {
        let Some(change) = change else {
            return broken("NoNeedsAReason", format!("{node} aborts {txn}, of which it has not heard"));
        };
        if let Some(holder) = self.holder(node, &change.row, txn) {
            let detail = format!("{node} aborts {txn} instead of waiting: {holder} holds the row of {change}");
            return broken("NoNeedsAReason", detail);
        }
        let amount = self.amount(node, &change.row);
        if amount.checked_add(change.by).is_some_and(|after| after >= 0) {
            let detail = format!("{node} aborts {txn}, and {change} is possible: that row holds {amount}");
            return broken("NoNeedsAReason", detail);
        }
        Ok(())
    }
}

impl<M: TwoPhaseMachine> Invariant<M> for Oracle {
    fn requested(&mut self, _: NodeId, command: &Command) {
        self.commands.insert(command.clone());
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Verdict {
        let node = seen.node;
        if seen.kind == StepKind::Boot {
            *self.lives.entry(node).or_default() += 1;
        }
        // Facts first: the order of effects within a step says nothing about their order in time.
        for fact in seen.facts() {
            self.fact(node, fact)?;
        }
        for effect in seen.out.effects() {
            match effect {
                Effect::Send { to, message } => self.message(node, *to, message)?,
                Effect::Reply { ticket, reply } => self.reply(node, *ticket, reply)?,
                Effect::Emit(_) | Effect::Persist(_) | Effect::Arm { .. } | Effect::Disarm(_) => {}
            }
        }
        Ok(())
    }
}
