//! Stable storage of a node of three-phase commit.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, RequestId};
use serde::{Deserialize, Serialize};

use crate::command::Outcome;
use crate::id::{Row, Txn};
use crate::paxos_commit::Begun;
use crate::request::{Decided, remember};
use crate::two_phase::Prepared;

/// One durable write. The pre-commit state needs none: a participant that has restarted takes no
/// part in the termination (BHG §7.5).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// The coordinator begins a transaction.
    Begun {
        /// The transaction.
        txn: Txn,
        /// Data kept about it.
        begun: Begun,
    },
    /// The coordinator has decided, or has learned of the decision.
    Decided {
        /// The transaction.
        txn: Txn,
        /// The request that it answers.
        ticket: RequestId,
        /// Its outcome.
        outcome: Outcome,
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
    /// The transactions that the coordinator has begun, and of which it knows no outcome.
    pub begun: BTreeMap<Txn, Begun>,
    /// The newest decided request of each client.
    pub decided: BTreeMap<ClientId, Decided>,
    /// The participant's rows that were ever changed.
    pub rows: BTreeMap<Row, i64>,
    /// The changes for which the participant voted yes, and of which it does not know the outcome.
    pub prepared: BTreeMap<Txn, Prepared>,
    /// The outcomes that this node has reached or decided.
    pub outcomes: BTreeMap<Txn, Outcome>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Begun { txn, begun } => {
                self.life = self.life.max(txn.life);
                self.begun.insert(*txn, begun.clone());
            }
            Record::Decided { txn, ticket, outcome } => {
                self.begun.remove(txn);
                remember(&mut self.decided, *ticket, *txn, *outcome);
                self.outcomes.insert(*txn, *outcome);
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
