//! State of a node, for display.

use std::collections::BTreeMap;

use quorate_paxos::{Ballot, Proposal};
use quorate_protocol::NodeId;
use serde::Serialize;

use super::leader::Attempt;
use super::message::Vote;
use super::node::PaxosCommit;
use crate::id::{Row, Txn};

/// State of a node. A part that belongs to another role is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct View {
    /// At a leader: the transactions that it is at work on.
    pub transactions: BTreeMap<Txn, Work>,
    /// At a participant: the rows that were changed, or are locked.
    pub rows: BTreeMap<Row, RowView>,
    /// At a participant: the transactions whose outcome it does not know, although it voted
    /// Prepared.
    pub in_doubt: Vec<Txn>,
    /// At an acceptor: its promises, by transaction.
    pub promised: BTreeMap<Txn, Ballot>,
    /// At an acceptor: the votes accepted, by transaction and participant.
    pub accepted: BTreeMap<Txn, BTreeMap<NodeId, Proposal<Vote>>>,
}

/// Work of a leader on a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Work {
    /// The participants vote, in ballot 0.
    Voting,
    /// Phase 1 of its own ballot.
    Asking(Ballot),
    /// Phase 2 of its own ballot.
    Proposing(Ballot),
}

/// A row of a participant.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RowView {
    /// Its committed amount.
    pub amount: i64,
    /// The transaction that has locked it.
    pub locked: Option<Txn>,
}

pub(super) fn view(node: &PaxosCommit, opening: i64) -> View {
    let mut view = View::default();
    if let Some(role) = &node.leader {
        let work = |attempt: &Attempt| match attempt {
            Attempt::Voting => Work::Voting,
            Attempt::Asking { ballot, .. } => Work::Asking(*ballot),
            Attempt::Proposing { ballot } => Work::Proposing(*ballot),
        };
        view.transactions = role.open.iter().map(|(txn, open)| (*txn, work(&open.attempt))).collect();
    }
    if let Some(role) = &node.participant {
        for row in role.rows.keys().chain(role.prepared.values().map(|prepared| &prepared.row)) {
            view.rows.insert(row.clone(), RowView { amount: role.amount(row, opening), locked: role.holder(row) });
        }
        view.in_doubt = role.prepared.keys().copied().collect();
    }
    if let Some(role) = &node.acceptor {
        view.promised = role.accepts.iter().filter_map(|(txn, of)| Some((*txn, of.promised?))).collect();
        view.accepted = role.accepts.iter().map(|(txn, of)| (*txn, of.votes.clone())).collect();
    }
    view
}
