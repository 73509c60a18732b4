//! State of a node, for display.

use std::collections::BTreeMap;

use serde::Serialize;

use super::coordinator::{Coordinator, Stage};
use super::message::Progress;
use super::participant::Participant;
use crate::id::{Row, Txn};
use crate::paxos_commit::RowView;

/// State of a node. A part that belongs to the other role is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct View {
    /// At the coordinator: the transactions that it has not decided, with their phase.
    pub transactions: BTreeMap<Txn, Phase>,
    /// At a participant: the rows that were changed, or are locked.
    pub rows: BTreeMap<Row, RowView>,
    /// At a participant: the transactions whose outcome it does not know, although it voted yes.
    pub in_doubt: BTreeMap<Txn, Progress>,
}

/// Phase of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Phase {
    /// Phase 1.
    Voting,
    /// Phase 2.
    PreCommitting,
    /// After a restart: the participants are asked.
    Recovering,
}

pub(super) fn view(coordinator: Option<&Coordinator>, participant: Option<&Participant>, opening: i64) -> View {
    let mut view = View::default();
    if let Some(role) = coordinator {
        let phase = |stage: &Stage| match stage {
            Stage::Voting(_) => Phase::Voting,
            Stage::PreCommitting(_) => Phase::PreCommitting,
            Stage::Recovering => Phase::Recovering,
        };
        view.transactions = role.open.iter().map(|(txn, open)| (*txn, phase(&open.stage))).collect();
    }
    if let Some(role) = participant {
        for row in role.rows.keys().chain(role.doubts.values().map(|doubt| &doubt.prepared.row)) {
            let (amount, locked) = (role.amount(row, opening), role.holder(row));
            view.rows.insert(row.clone(), RowView { amount, locked });
        }
        view.in_doubt = role.doubts.iter().map(|(txn, doubt)| (*txn, doubt.progress)).collect();
    }
    view
}
