//! Stable storage of a node of two-phase commit.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{ClientId, NodeId, RequestId};
use serde::{Deserialize, Serialize};

use crate::command::Outcome;
use crate::id::{Row, Txn};
use crate::request::{Decided, remember};

/// A prepared change, with all that is needed to commit or abort it after a crash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Prepared {
    /// The row, which is locked.
    pub row: Row,
    /// The amount of the row once the change is committed.
    pub after: i64,
    /// All participants of the transaction.
    pub participants: BTreeSet<NodeId>,
}

/// A commit that some participant may not have heard of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Commit {
    /// The request that it answers.
    pub ticket: RequestId,
    /// The participants.
    pub participants: BTreeSet<NodeId>,
}

/// One durable write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// The coordinator begins transactions in this incarnation.
    Life {
        /// Its number.
        life: u64,
    },
    /// The coordinator has decided to commit.
    Committed {
        /// The transaction.
        txn: Txn,
        /// Data kept about it.
        commit: Commit,
    },
    /// The coordinator has aborted. Participants need no such record, because an abort is presumed;
    /// the client does, so that a late copy of its request is not begun again.
    Aborted {
        /// The transaction.
        txn: Txn,
        /// The request that it answers.
        ticket: RequestId,
    },
    /// Every participant has acknowledged the commit.
    Ended {
        /// The transaction.
        txn: Txn,
    },
    /// The participant votes yes.
    Prepared {
        /// The transaction.
        txn: Txn,
        /// Its change here.
        prepared: Prepared,
    },
    /// The participant has installed its change, or has dropped it.
    Finished {
        /// The transaction.
        txn: Txn,
        /// Its outcome.
        outcome: Outcome,
    },
}

/// State that survives a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// Number of the coordinator's last life in which it began a transaction.
    pub life: u64,
    /// The coordinator's commits that are not acknowledged by all.
    pub commits: BTreeMap<Txn, Commit>,
    /// The newest decided request of each client.
    pub decided: BTreeMap<ClientId, Decided>,
    /// The participant's rows that were ever changed.
    pub rows: BTreeMap<Row, i64>,
    /// The changes for which the participant voted yes, and of which it does not know the outcome.
    pub prepared: BTreeMap<Txn, Prepared>,
    /// The outcomes that the participant has reached.
    pub outcomes: BTreeMap<Txn, Outcome>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Life { life } => self.life = *life,
            Record::Committed { txn, commit } => {
                remember(&mut self.decided, commit.ticket, *txn, Outcome::Commit);
                self.commits.insert(*txn, commit.clone());
            }
            Record::Aborted { txn, ticket } => remember(&mut self.decided, *ticket, *txn, Outcome::Abort),
            Record::Ended { txn } => {
                self.commits.remove(txn);
            }
            Record::Prepared { txn, prepared } => {
                self.prepared.insert(*txn, prepared.clone());
            }
            Record::Finished { txn, outcome } => {
                let prepared = self.prepared.remove(txn);
                if let (Outcome::Commit, Some(Prepared { row, after, .. })) = (outcome, prepared) {
                    self.rows.insert(row, after);
                }
                self.outcomes.insert(*txn, *outcome);
            }
        }
    }
}
