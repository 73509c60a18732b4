//! Messages, timers and facts of two-phase commit.

use std::collections::BTreeSet;

use quorate_protocol::{NodeId, RequestId};
use serde::{Deserialize, Serialize};

use crate::command::Outcome;
use crate::id::{Row, Txn};

/// A message between nodes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Coordinator to participant, phase 1: prepare this change, and vote.
    Prepare {
        /// The transaction.
        txn: Txn,
        /// The row to change.
        row: Row,
        /// The amount that is added to it.
        by: i64,
        /// All participants of the transaction, so that they can ask each other.
        participants: BTreeSet<NodeId>,
    },
    /// Participant to coordinator: the change is prepared, and can be committed or aborted.
    Yes {
        /// The transaction.
        txn: Txn,
    },
    /// Participant to coordinator: the change is aborted here.
    No {
        /// The transaction.
        txn: Txn,
    },
    /// To a participant, phase 2: the transaction is committed.
    Commit {
        /// The transaction.
        txn: Txn,
    },
    /// To a participant, phase 2: the transaction is aborted. It is not acknowledged, because an
    /// abort is presumed.
    Abort {
        /// The transaction.
        txn: Txn,
    },
    /// Participant to coordinator: the change is committed here.
    Done {
        /// The transaction.
        txn: Txn,
    },
    /// From a participant in doubt, to the coordinator or to another participant.
    WhatBecame {
        /// The transaction.
        txn: Txn,
    },
}

impl Message {
    /// The message that reports an outcome.
    pub(crate) fn of(outcome: Outcome, txn: Txn) -> Self {
        match outcome {
            Outcome::Commit => Message::Commit { txn },
            Outcome::Abort => Message::Abort { txn },
        }
    }
}

/// The timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// At the coordinator: votes, or acknowledgements, of a transaction are late.
    Late {
        /// The transaction.
        txn: Txn,
    },
    /// At a participant in doubt: time to ask what became of its transactions.
    Ask,
}

/// An observable event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// The coordinator has begun a transaction for a client.
    Began {
        /// The transaction.
        txn: Txn,
        /// The client's request.
        ticket: RequestId,
        /// Its participants.
        participants: BTreeSet<NodeId>,
    },
    /// This participant votes yes.
    Prepared {
        /// The transaction.
        txn: Txn,
        /// The row, which is now locked.
        row: Row,
        /// The amount to be added to it.
        by: i64,
    },
    /// A transaction waits for a row at this participant.
    Blocked {
        /// The transaction.
        txn: Txn,
        /// The row.
        row: Row,
        /// The transaction that holds the row.
        holder: Txn,
    },
    /// The coordinator has decided.
    Decided {
        /// The transaction.
        txn: Txn,
        /// Its outcome.
        outcome: Outcome,
    },
    /// This participant has committed or aborted its part.
    Finished {
        /// The transaction.
        txn: Txn,
        /// Its outcome here.
        outcome: Outcome,
    },
}
