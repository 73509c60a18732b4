//! Messages, timers and facts of three-phase commit. Commands, answers and outcomes are those of
//! [two-phase commit](crate::two_phase).

use std::collections::BTreeSet;

use quorate_protocol::{NodeId, RequestId};
use serde::{Deserialize, Serialize};

use crate::command::Outcome;
use crate::id::{Row, Txn};

/// State of a participant between its yes and the outcome.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Progress {
    /// It has voted yes, and is uncertain: the others may abort.
    Ready,
    /// It knows that all have voted yes: the transaction will be committed, unless all fail.
    PreCommitted,
}

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
        /// All participants of the transaction, so that they can finish it without the coordinator.
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
    /// Coordinator or backup to participant, phase 2: all have voted yes, a commit is coming.
    PreCommit {
        /// The transaction.
        txn: Txn,
    },
    /// Participant to coordinator or backup: it has entered the pre-commit state.
    Ack {
        /// The transaction.
        txn: Txn,
    },
    /// To a participant, phase 3: the transaction is committed.
    Commit {
        /// The transaction.
        txn: Txn,
    },
    /// To a participant: the transaction is aborted.
    Abort {
        /// The transaction.
        txn: Txn,
    },
    /// Backup coordinator to the other participants: report your state.
    StateRequest {
        /// The transaction.
        txn: Txn,
    },
    /// Participant to a backup coordinator, or to a restarted participant: its state.
    State {
        /// The transaction.
        txn: Txn,
        /// The state.
        progress: Progress,
        /// Whether it has restarted since its vote, so that it may have missed a decision.
        restarted: bool,
    },
    /// From a restarted node to all others: report the outcome.
    WhatBecame {
        /// The transaction.
        txn: Txn,
    },
    /// Coordinator to a restarted participant: it has restarted, too, and knows no outcome.
    NorDoI {
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
    /// At the coordinator: votes or acknowledgements are late; after a restart, answers.
    Late {
        /// The transaction.
        txn: Txn,
    },
    /// At a participant in doubt: nothing was heard of the transaction, or answers are late.
    Silent {
        /// The transaction.
        txn: Txn,
    },
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
    /// This participant has entered the pre-commit state.
    PreCommitted {
        /// The transaction.
        txn: Txn,
    },
    /// This participant acts as coordinator of a transaction.
    TookOver {
        /// The transaction.
        txn: Txn,
    },
    /// The coordinator, or a participant in its place, has decided.
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
