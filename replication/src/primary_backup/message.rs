//! Messages, timers, commands, replies and facts of a primary with a backup.

use quorate_protocol::{NodeId, RequestId};
use serde::{Deserialize, Serialize};

use super::disk::State;
use crate::{Key, Value};

/// A view: the roles that the monitor has given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct View {
    /// Its number, from 1.
    pub number: u64,
    /// The server that answers clients.
    pub primary: NodeId,
    /// The server that takes over.
    pub backup: Option<NodeId>,
}

impl View {
    /// Whether a server has a role in this view.
    pub fn has(&self, node: NodeId) -> bool {
        self.primary == node || self.backup == Some(node)
    }
}

/// A message between nodes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Server to monitor: I am alive.
    Ping {
        /// The number of the view that the server knows; 0 if it has no data.
        view: u64,
        /// From a primary: whether its backup has the state, or it has no backup.
        synced: bool,
    },
    /// Monitor to server: the present view.
    Name {
        /// The view.
        view: View,
    },
    /// Primary to backup: the next write.
    Ship {
        /// The number of the view.
        view: u64,
        /// The number of the write.
        number: u64,
        /// The client's request.
        ticket: RequestId,
        /// The key.
        key: Key,
        /// The value.
        value: Value,
    },
    /// Primary to backup: the whole state.
    Transfer {
        /// The number of the view.
        view: u64,
        /// The state.
        state: State,
    },
    /// Backup to primary: all writes up to a number are on disk here.
    Stored {
        /// The number of the view that this server knows.
        view: u64,
        /// The number of its last write.
        number: u64,
    },
    /// Primary to backup: a read asks whether we are still in this view.
    Probe {
        /// The number of the view.
        view: u64,
        /// The client's request.
        ticket: RequestId,
    },
    /// The answer to a probe.
    Probed {
        /// The number of the view that this server knows.
        view: u64,
        /// The client's request.
        ticket: RequestId,
        /// The number of its last write.
        number: u64,
    },
}

/// The timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// Time to ping, to count silence, and to repeat what was not answered.
    Tick,
    /// A request has waited for the backup as long as it may.
    Late {
        /// The client's request.
        ticket: RequestId,
    },
}

/// A client's command.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Read a key.
    Read {
        /// The key.
        key: Key,
    },
    /// Write a key.
    Write {
        /// The key.
        key: Key,
        /// The value.
        value: Value,
    },
}

/// An answer to a client.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// To a read: the value, or none.
    Values {
        /// At most one value.
        values: Vec<Value>,
    },
    /// To a write: it is acknowledged.
    Written,
    /// This server is not the primary, as far as it knows.
    NotPrimary {
        /// The primary of the view that it knows.
        primary: Option<NodeId>,
    },
    /// The backup did not answer in time. A write may still take effect.
    Unavailable,
    /// An older request of a client that has written since.
    Overtaken,
}

/// An observable event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// The monitor names a view.
    Named {
        /// The view.
        view: View,
    },
    /// This server is the primary of a view from now on.
    TookOffice {
        /// The number of the view.
        view: u64,
    },
    /// This server has, as a backup, all writes up to a number.
    Copied {
        /// The number of the view.
        view: u64,
        /// The number of the last write.
        number: u64,
    },
    /// A write is acknowledged.
    Acknowledged {
        /// The client's request.
        ticket: RequestId,
        /// The number of the view.
        view: u64,
    },
    /// A read is answered.
    Returned {
        /// The client's request.
        ticket: RequestId,
        /// The number of the view.
        view: u64,
        /// The request that wrote the value.
        writer: Option<RequestId>,
    },
}
