//! Data of the protocol: messages, timers, requests, replies, facts and records.

use std::collections::BTreeMap;

use quorate::protocol::RequestId;
use serde::{Deserialize, Serialize};

/// Outcome of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// Every participant does the work.
    Committed,
    /// None does.
    Aborted,
}

/// Message between nodes. A transaction has the id of the request that began it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Coordinator to participant: can you commit?
    Prepare { transaction: RequestId },
    /// Participant to coordinator.
    Vote { transaction: RequestId, yes: bool },
    /// Coordinator to participant.
    Decision { transaction: RequestId, outcome: Outcome },
    /// Participant to coordinator: how did it end?
    Inquiry { transaction: RequestId },
}

/// Name of a timer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Of a participant in doubt: ask again.
    Inquire,
}

/// Request of a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Begin a transaction with every participant, and say how it ends.
    Commit,
}

/// Answer to a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The transaction has ended.
    Done { outcome: Outcome },
    /// Ask the coordinator instead.
    NotCoordinator,
}

/// Event for observers: invariants check facts, and traces show them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// A participant has promised to commit if the coordinator decides so.
    Prepared { transaction: RequestId },
    /// A node knows the outcome and acts on it.
    Decided { transaction: RequestId, outcome: Outcome },
}

/// Record: a durable write to the disk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// A vote for a commit.
    Prepared { transaction: RequestId },
    /// An outcome.
    Decided { transaction: RequestId, outcome: Outcome },
}

/// State on disk: the result of all records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Disk {
    /// The transaction that holds this participant's locks.
    pub prepared: Option<RequestId>,
    /// The outcomes that the node knows.
    pub decided: BTreeMap<RequestId, Outcome>,
}

impl quorate::protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match *record {
            Record::Prepared { transaction } => self.prepared = Some(transaction),
            Record::Decided { transaction, outcome } => {
                self.decided.insert(transaction, outcome);
                self.prepared = self.prepared.filter(|holder| *holder != transaction);
            }
        }
    }
}
