//! Messages, timers, commands, replies and facts of a replicated register.

use std::collections::BTreeMap;

use quorate_protocol::{NodeId, Permutation, Permute, RequestId};
use serde::{Deserialize, Serialize};

use super::version::{Seen, Version};
use crate::{Key, Stamp, Value};

/// A message between nodes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Application to replica: read.
    Read {
        /// The client's request.
        ticket: RequestId,
        /// The key.
        key: Key,
        /// The session token: writes that the answer must show, or newer ones.
        token: Vec<Stamp>,
    },
    /// Application to replica: write.
    Write {
        /// The client's request.
        ticket: RequestId,
        /// The key.
        key: Key,
        /// The value.
        value: Value,
        /// The versions that the application has read last, or wrote itself.
        saw: Vec<Stamp>,
        /// The same as a version vector, with all that those versions replaced.
        seen: Seen,
    },
    /// Replica to application: the answer to a read.
    Got {
        /// The client's request.
        ticket: RequestId,
        /// The versions held.
        versions: Vec<Version>,
    },
    /// Replica to application: the answer to a write.
    Put {
        /// The client's request.
        ticket: RequestId,
        /// The stamp of the write.
        stamp: Stamp,
        /// The writes that it replaces.
        seen: Seen,
    },
    /// Replica to application: there is no answer.
    Sorry {
        /// The client's request.
        ticket: RequestId,
        /// The reason.
        reply: Reply,
    },
    /// Replica to replica, phase 1 of a majority operation: report the version held.
    Query {
        /// The client's request.
        ticket: RequestId,
        /// The key.
        key: Key,
    },
    /// The answer to a query.
    Held {
        /// The client's request.
        ticket: RequestId,
        /// The version held; empty if there is none.
        versions: Vec<Version>,
    },
    /// Replica to replica, phase 2 of a majority operation: hold this version, unless a newer one
    /// is held.
    Store {
        /// The client's request.
        ticket: RequestId,
        /// The key.
        key: Key,
        /// The version.
        version: Version,
    },
    /// The answer to a store: this version, or a newer one, is on disk here.
    Ack {
        /// The client's request.
        ticket: RequestId,
        /// The stamp of the version.
        stamp: Stamp,
    },
    /// Replica to replica: my copies. Take what is newer, and send what you have newer.
    Compare {
        /// The versions of each key.
        copies: BTreeMap<Key, Vec<Version>>,
        /// Whether these are all copies, so that a key that is missing is one that I lack.
        whole: bool,
    },
    /// Replica to replica: copies of mine. Take what is newer.
    Gossip {
        /// The versions of each key.
        copies: BTreeMap<Key, Vec<Version>>,
    },
}

/// The timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// A request has waited for as long as it may.
    Late {
        /// The client's request.
        ticket: RequestId,
    },
    /// Time to compare copies with another replica.
    AntiEntropy,
}

/// A client's command, to a replica or to an application.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Read a key.
    Read {
        /// The key.
        key: Key,
        /// To an application: the replica to ask; by default its own.
        at: Option<NodeId>,
    },
    /// Write a key.
    Write {
        /// The key.
        key: Key,
        /// The value.
        value: Value,
        /// To an application: the replica to ask; by default its own.
        at: Option<NodeId>,
    },
}

/// An answer to a client.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// To a read: the value, or several siblings, or none.
    Values {
        /// The values, by stamp.
        values: Vec<Value>,
    },
    /// To a write: it is acknowledged.
    Written,
    /// No majority answered in time. A write may still take effect.
    Unavailable,
    /// The replica lacked what the session has seen, and did not hear of it in time.
    Behind,
    /// An older request of a client that has written since.
    Overtaken,
    /// The command names a node that is no replica.
    Invalid,
}

/// An observable event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// A majority operation begins here.
    Began {
        /// The client's request.
        ticket: RequestId,
        /// The key.
        key: Key,
    },
    /// This replica holds a version from now on.
    Took {
        /// The key.
        key: Key,
        /// Its value.
        value: Value,
        /// Its stamp.
        stamp: Stamp,
    },
    /// This replica drops a version: one that it held, or one that it was sent.
    Dropped {
        /// The key.
        key: Key,
        /// The dropped value.
        value: Value,
        /// Its stamp.
        stamp: Stamp,
    },
    /// A write is acknowledged.
    Wrote {
        /// The client's request.
        ticket: RequestId,
        /// The key.
        key: Key,
        /// The stamp.
        stamp: Stamp,
        /// The versions that the writer had read.
        saw: Vec<Stamp>,
    },
    /// A read is answered.
    Returned {
        /// The client's request.
        ticket: RequestId,
        /// The key.
        key: Key,
        /// The stamps of the versions; empty if there is none.
        stamps: Vec<Stamp>,
    },
    /// A request is refused.
    Refused {
        /// The client's request.
        ticket: RequestId,
        /// The key.
        key: Key,
    },
    /// At an application: a write of its session is acknowledged.
    SessionWrote {
        /// The key.
        key: Key,
        /// The stamp.
        stamp: Stamp,
    },
    /// At an application: a read of its session is answered.
    SessionRead {
        /// The key.
        key: Key,
        /// The versions.
        versions: Vec<Version>,
    },
}

quorate_protocol::no_node_ids!(Timer, Reply);

impl Permute for Message {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut renamed = self.clone();
        match &mut renamed {
            Message::Read { token, .. } => *token = token.permuted(by),
            Message::Write { saw, seen, .. } => (*saw, *seen) = (saw.permuted(by), seen.permuted(by)),
            Message::Got { versions, .. } | Message::Held { versions, .. } => *versions = versions.permuted(by),
            Message::Put { stamp, seen, .. } => (*stamp, *seen) = (stamp.permuted(by), seen.permuted(by)),
            Message::Store { version, .. } => *version = version.permuted(by),
            Message::Ack { stamp, .. } => *stamp = stamp.permuted(by),
            Message::Compare { copies, .. } | Message::Gossip { copies } => {
                *copies = copies.permuted(by);
            }
            Message::Sorry { .. } | Message::Query { .. } => {}
        }
        renamed
    }
}

impl Permute for Command {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut renamed = self.clone();
        let (Command::Read { at, .. } | Command::Write { at, .. }) = &mut renamed;
        *at = at.permuted(by);
        renamed
    }
}
