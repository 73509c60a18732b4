//! Stable storage: the log of an orchestrator, and the rows and notes of a service.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, NodeId, RequestId};
use serde::{Deserialize, Serialize};

use crate::command::{Change, Outcome};
use crate::id::{Row, Txn};
use crate::request::{Decided, remember};

/// Direction of a saga.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Direction {
    /// Its steps are done, one after the other.
    Forward,
    /// Its steps are undone.
    Backward,
}

/// A saga that has not ended, as the log has it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Running {
    /// The request that it answers.
    pub ticket: RequestId,
    /// Its steps, in order, each at a service.
    pub steps: Vec<(NodeId, Change)>,
    /// Whether steps are done or undone.
    pub direction: Direction,
    /// The steps that are done or under way and not undone, by their places.
    pub done: Vec<usize>,
}

impl Running {
    /// The step that is under way in the forward direction.
    pub(super) fn current(&self) -> Option<usize> {
        self.done.last().copied()
    }
}

/// State of a saga's step at a service.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Note {
    /// The step is done.
    Done {
        /// The change.
        change: Change,
        /// The amount that it found.
        before: i64,
    },
    /// The step is undone, or was never done and will be refused.
    Undone {
        /// The change, if it was done.
        change: Option<Change>,
    },
}

/// One durable write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// The orchestrator begins a saga, or a saga goes on.
    Log {
        /// The saga.
        saga: Txn,
        /// How far it is.
        running: Running,
    },
    /// A saga has ended.
    Ended {
        /// The saga.
        saga: Txn,
        /// The request that it answers.
        ticket: RequestId,
        /// Its outcome.
        outcome: Outcome,
    },
    /// A local transaction of a service: the amount of a row, and what is to be remembered.
    Local {
        /// The row and its amount, if it changes.
        row: Option<(Row, i64)>,
        /// The saga and the note, if there is one.
        note: Option<(Txn, Note)>,
    },
}

/// State that survives a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// Number of the orchestrator's last life in which it began a saga.
    pub life: u64,
    /// The sagas that have not ended.
    pub running: BTreeMap<Txn, Running>,
    /// The outcomes of those that have.
    pub ended: BTreeMap<Txn, Outcome>,
    /// The newest ended request of each client.
    pub decided: BTreeMap<ClientId, Decided>,
    /// The service's rows that were ever changed.
    pub rows: BTreeMap<Row, i64>,
    /// The service's notes.
    pub notes: BTreeMap<Txn, Note>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Log { saga, running } => {
                self.life = self.life.max(saga.life);
                self.running.insert(*saga, running.clone());
            }
            Record::Ended { saga, ticket, outcome } => {
                self.running.remove(saga);
                self.ended.insert(*saga, *outcome);
                remember(&mut self.decided, *ticket, *saga, *outcome);
            }
            Record::Local { row, note } => {
                self.rows.extend(row.clone());
                self.notes.extend(note.clone());
            }
        }
    }
}
