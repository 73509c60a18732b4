//! State of a node, for display.

use std::collections::BTreeMap;

use serde::Serialize;

use super::coordinator::{Coordinator, Stage};
use super::participant::Participant;
use crate::id::{Row, Txn};

/// State of a node. A part that belongs to the other role is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct View {
    /// At the coordinator: the transactions that are not over, with their phase.
    pub transactions: BTreeMap<Txn, Phase>,
    /// At a participant: the rows that were changed, or are locked or waited for.
    pub rows: BTreeMap<Row, RowView>,
    /// At a participant: the transactions whose outcome it does not know, although it voted yes.
    pub in_doubt: Vec<Txn>,
}

/// Phase of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Phase {
    /// Phase 1.
    Voting,
    /// Phase 2 of a commit.
    Committing,
}

/// A row of a participant.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RowView {
    /// Its committed amount.
    pub amount: i64,
    /// The transaction that has locked it.
    pub locked: Option<Txn>,
    /// The transactions that wait for it.
    pub waiting: Vec<Txn>,
}

pub(super) fn view(coordinator: Option<&Coordinator>, participant: Option<&Participant>, opening: i64) -> View {
    let mut view = View::default();
    if let Some(role) = coordinator {
        let phase = |stage: &Stage| if matches!(stage, Stage::Voting(_)) { Phase::Voting } else { Phase::Committing };
        view.transactions = role.open.iter().map(|(txn, open)| (*txn, phase(&open.stage))).collect();
    }
    if let Some(role) = participant {
        let waited_for = role.waiting.iter().map(|part| &part.change.row);
        for row in role.rows.keys().chain(role.locks.keys()).chain(waited_for) {
            let waiting = role.waiting.iter().filter(|part| part.change.row == *row).map(|part| part.txn).collect();
            let (amount, locked) = (role.amount(row, opening), role.locks.get(row).copied());
            view.rows.insert(row.clone(), RowView { amount, locked, waiting });
        }
        view.in_doubt = role.prepared.keys().copied().collect();
    }
    view
}
