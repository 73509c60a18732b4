//! Invariants of atomic commitment, checked from outside: of two-phase commit, and of Paxos Commit.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{
    ClientEvent, ClientEventKind, Invariant, InvariantSummary, InvariantViolation, NodeId, RequestId, StepView,
    Unexplained,
};

use crate::atomic::{AtomicCommit, CommitEvent};
use crate::command::{Outcome, Reply};
use crate::id::{Row, Txn};

/// One outcome (BHG §7.3, AC1 and AC2): coordinator and participants agree on the outcome of a
/// transaction, and none of them reverses it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SameOutcome {
    pub(crate) outcomes: BTreeMap<Txn, Outcome>,
}

impl<M: AtomicCommit> Invariant<M> for SameOutcome {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "SameOutcome",
            "Coordinator and participants agree on the outcome of a transaction, and none of them reverses it.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for event in seen.facts().filter_map(M::event) {
            let (CommitEvent::Decided { txn, outcome } | CommitEvent::Finished { txn, outcome }) = event else {
                continue;
            };
            let first = *self.outcomes.entry(txn).or_insert(outcome);
            if first != outcome {
                let detail = format!("{txn} was {first} elsewhere, and {} has it {outcome}", seen.node);
                return Err(InvariantViolation::new("SameOutcome", detail));
            }
        }
        Ok(())
    }
}

/// Commit needs every yes (BHG §7.3, AC3): nobody commits a transaction before each of its
/// participants has voted yes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct CommitNeedsEveryYes {
    /// The participants of each transaction that have not voted yes.
    pub(crate) missing: BTreeMap<Txn, BTreeSet<NodeId>>,
}

impl<M: AtomicCommit> Invariant<M> for CommitNeedsEveryYes {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "CommitNeedsEveryYes",
            "Nobody commits a transaction before each of its participants has voted yes.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for event in seen.facts().filter_map(M::event) {
            match event {
                CommitEvent::Began { txn, participants, .. } => {
                    self.missing.insert(txn, participants.clone());
                }
                CommitEvent::Prepared { txn, .. } => {
                    if let Some(missing) = self.missing.get_mut(&txn) {
                        missing.remove(&seen.node);
                    }
                }
                CommitEvent::Decided { txn, outcome: Outcome::Commit }
                | CommitEvent::Finished { txn, outcome: Outcome::Commit } => {
                    if let Some(node) = self.missing.get(&txn).and_then(BTreeSet::first) {
                        let detail = format!("{} committed {txn}, and {node} had not voted yes", seen.node);
                        return Err(InvariantViolation::new("CommitNeedsEveryYes", detail));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A yes stays: a participant that voted yes holds the change until it knows the outcome, also
/// after a restart.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct YesStays {
    pub(crate) promised: BTreeSet<(NodeId, Txn)>,
}

impl<M: AtomicCommit> Invariant<M> for YesStays {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "YesStays",
            "A participant that voted yes holds the change until it knows the outcome, also after a restart.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for event in seen.facts().filter_map(M::event) {
            match event {
                CommitEvent::Prepared { txn, .. } => self.promised.insert((seen.node, txn)),
                CommitEvent::Finished { txn, .. } => self.promised.remove(&(seen.node, txn)),
                _ => continue,
            };
        }
        let Some(machine) = seen.machine() else { return Ok(()) };
        let own = self.promised.iter().filter(|(node, _)| *node == seen.node);
        for (node, txn) in own {
            if machine.outcome(*txn).is_none() && machine.in_doubt().all(|held| held != *txn) {
                let detail = format!("{node} voted yes to {txn}, and no longer knows of it");
                return Err(InvariantViolation::new("YesStays", detail));
            }
        }
        Ok(())
    }
}

/// The amounts add up: each row holds its opening amount and the committed changes, each once, and
/// is never below zero. Transactions whose changes cancel each other therefore conserve money.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AmountsAddUp {
    /// The prepared changes that were not aborted.
    pub(crate) changes: BTreeMap<(NodeId, Txn), (Row, i64)>,
}

impl<M: AtomicCommit> Invariant<M> for AmountsAddUp {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "AmountsAddUp",
            "Each row holds its opening amount and the committed changes, each once, and is never below zero.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let node = seen.node;
        for event in seen.facts().filter_map(M::event) {
            match event {
                CommitEvent::Prepared { txn, row, by } => {
                    self.changes.insert((node, txn), (row.clone(), by));
                }
                CommitEvent::Finished { txn, outcome: Outcome::Abort } => {
                    self.changes.remove(&(node, txn));
                }
                _ => {}
            }
        }
        let Some(machine) = seen.machine() else { return Ok(()) };
        // A crash can leave a commit on disk and its fact unsaid, so the machine is asked.
        let mut sums: BTreeMap<&Row, i64> = BTreeMap::new();
        for ((_, txn), (row, by)) in self.changes.iter().filter(|((at, _), _)| *at == node) {
            let sum = sums.entry(row).or_default();
            if machine.outcome(*txn) == Some(Outcome::Commit) {
                *sum = sum.saturating_add(*by);
            }
        }
        let opening = M::opening(seen.constants.config());
        for (row, sum) in sums {
            let expected = opening.saturating_add(sum);
            let Some(amount) = machine.amount(row, opening) else { continue };
            if amount != expected || amount < 0 {
                let why = if amount < 0 { "which is below zero" } else { "and the committed changes make it another" };
                let detail = format!("{row} at {node} is {amount}, {why} ({opening}{sum:+} = {expected})");
                return Err(InvariantViolation::new("AmountsAddUp", detail));
            }
        }
        Ok(())
    }
}

/// A request takes effect once: of all transactions begun for one request, at most one commits; and
/// an answer reports what was decided.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct EachRequestOnce {
    /// The request of each transaction.
    pub(crate) tickets: BTreeMap<Txn, RequestId>,
    pub(crate) committed: BTreeMap<RequestId, Txn>,
}

impl<M: AtomicCommit> Invariant<M> for EachRequestOnce {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "EachRequestOnce",
            "Of all transactions begun for one request, at most one commits, and an answer reports what was decided.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for event in seen.facts().filter_map(M::event) {
            match event {
                CommitEvent::Began { txn, ticket, .. } => {
                    self.tickets.insert(txn, ticket);
                }
                CommitEvent::Decided { txn, outcome: Outcome::Commit } => {
                    let Some(ticket) = self.tickets.get(&txn) else { continue };
                    let first = *self.committed.entry(*ticket).or_insert(txn);
                    if first != txn {
                        let detail = format!("{ticket} was carried out as {first}, and again as {txn}");
                        return Err(InvariantViolation::new("EachRequestOnce", detail));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn conclude(&mut self, heard: &[ClientEvent<M>]) -> Result<(), Unexplained> {
        for (place, ClientEvent { ticket, kind, .. }) in heard.iter().enumerate() {
            let ClientEventKind::Response { reply, .. } = kind else { continue };
            let committed = self.committed.get(ticket).copied();
            let is_true = match reply {
                Reply::Committed { txn } => committed == Some(*txn),
                Reply::Aborted { txn } => committed != Some(*txn),
                _ => true,
            };
            if !is_true {
                let detail = format!("{ticket} was told {reply:?}, which is not what was decided");
                return Err(Unexplained { place, broken: InvariantViolation::new("EachRequestOnce", detail) });
            }
        }
        Ok(())
    }
}

/// All invariants of two-phase commit.
pub type Safety = (SameOutcome, CommitNeedsEveryYes, YesStays, AmountsAddUp, EachRequestOnce);
