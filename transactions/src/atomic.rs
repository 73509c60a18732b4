//! Atomic commitment as its invariants see it: the events and the state that all its protocols
//! share.

use std::collections::BTreeSet;

use quorate_protocol::{Machine, NodeId, RequestId};

use crate::command::{Command, Outcome, Reply};
use crate::id::{Row, Txn};

/// A machine for atomic commitment. Its invariants are checked by these events and this state,
/// whatever messages it exchanges.
pub trait AtomicCommit: Machine<Command = Command, Reply = Reply> {
    /// The event of atomic commitment that a fact reports, if it reports one.
    fn event(fact: &Self::Fact) -> Option<CommitEvent<'_>>;

    /// The outcome that this participant has reached.
    fn outcome(&self, txn: Txn) -> Option<Outcome>;

    /// The transactions for which this participant voted yes, and of which it does not know the
    /// outcome.
    fn in_doubt(&self) -> impl Iterator<Item = Txn>;

    /// The committed amount of a row, given the amount at which rows begin; `None` at a node
    /// without rows.
    fn amount(&self, row: &Row, opening: i64) -> Option<i64>;

    /// The transaction that has locked a row of this participant.
    fn holder(&self, row: &Row) -> Option<Txn>;

    /// The amount at which rows begin.
    fn opening(config: &Self::Config) -> i64;
}

/// Event of atomic commitment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CommitEvent<'a> {
    /// A transaction has begun for a client.
    Began {
        /// The transaction.
        txn: Txn,
        /// The client's request.
        ticket: RequestId,
        /// Its participants.
        participants: &'a BTreeSet<NodeId>,
    },
    /// The node votes yes.
    Prepared {
        /// The transaction.
        txn: Txn,
        /// The row, which is now locked.
        row: &'a Row,
        /// The amount to be added to it.
        by: i64,
    },
    /// A coordinator or leader has decided.
    Decided {
        /// The transaction.
        txn: Txn,
        /// Its outcome.
        outcome: Outcome,
    },
    /// The node has committed or aborted its part.
    Finished {
        /// The transaction.
        txn: Txn,
        /// Its outcome here.
        outcome: Outcome,
    },
}
