//! Commands, outcomes and answers: what clients of two-phase commit, three-phase commit, Paxos
//! Commit and sagas ask for, and what they are told.

use std::collections::BTreeMap;
use std::fmt;

use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

use crate::id::{Row, Txn};

/// Outcome of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Outcome {
    /// All changes are installed.
    Commit,
    /// No change is installed.
    Abort,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(if *self == Outcome::Commit { "committed" } else { "aborted" })
    }
}

/// Change of one row by a transaction: its part at one participant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Change {
    /// The row.
    pub row: Row,
    /// The amount that is added to it; negative to take away.
    pub by: i64,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:+}", self.row, self.by)
    }
}

/// A client's command.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Carry out all of these changes, or none.
    Transact {
        /// The change at each participant.
        changes: BTreeMap<NodeId, Change>,
    },
}

/// An answer to a client.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The transaction is committed. Participants may still have to hear of it.
    Committed {
        /// The transaction.
        txn: Txn,
    },
    /// The transaction is aborted.
    Aborted {
        /// The transaction.
        txn: Txn,
    },
    /// The command names no change, or a node that is no participant.
    Invalid,
    /// The request is older than a decided request of the same client.
    Overtaken,
    /// The node is not the coordinator.
    NotTheCoordinator {
        /// The coordinator.
        coordinator: NodeId,
    },
}

impl Reply {
    /// The answer that reports an outcome.
    pub(crate) fn of(outcome: Outcome, txn: Txn) -> Self {
        match outcome {
            Outcome::Commit => Reply::Committed { txn },
            Outcome::Abort => Reply::Aborted { txn },
        }
    }
}
