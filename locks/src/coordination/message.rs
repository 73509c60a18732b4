//! Messages, timers, commands, replies, facts and durable writes.

use quorate_lease::{Token, Value};
use quorate_protocol::{NodeId, RequestId, Time};
use quorate_raft as raft;
use serde::{Deserialize, Serialize};

use super::request::{SessionId, TreeRequest, WatchEvent};
use super::tree::Tree;
use crate::id::AttemptId;
use crate::message as lock;
use crate::message::Loss;
use crate::sequencer::{LockMode, Sequencer};

/// Messages between nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// A message of Raft.
    Raft(raft::Message<Tree>),
    /// A request to the service.
    Ask {
        /// The client's request number, which matches the answer to the request and lets the
        /// service recognise a duplicate.
        number: u64,
        /// The request.
        request: TreeRequest,
    },
    /// A server answers.
    Answer {
        /// Number of the request.
        number: u64,
        /// The answer.
        reply: raft::Reply<Tree>,
    },
    /// A watch has fired.
    Event(WatchEvent),
    /// A message to or from the resource.
    Resource(lock::Message),
}

/// Timers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// A timer of Raft.
    Raft(raft::Timer),
    /// Server: end of a session's timeout.
    Review,
    /// Client: time for a heartbeat.
    Heartbeat,
    /// Client: an answer is overdue.
    Answer,
    /// Client: end of its session by its own clock, or of the grace period.
    Lapse,
    /// Client: time to act under the lock.
    Act,
    /// Client: the work for a write is done.
    Work(RequestId),
    /// A timer of the resource.
    Resource(lock::Timer),
}

/// Commands to a client of the lock, and to a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Take the lock if it is free.
    Try {
        /// The mode.
        mode: LockMode,
    },
    /// Take the lock, and wait for it if it is taken.
    Acquire {
        /// The mode.
        mode: LockMode,
    },
    /// Check the lock and act, in one step.
    Act,
    /// Check the lock, work for a while, and then write to the resource.
    Write {
        /// The value to write.
        value: Value,
    },
    /// Unlock.
    Release,
    /// Server: transfer the leadership to another.
    TransferLeadership {
        /// The new leader.
        to: NodeId,
    },
}

/// Replies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The lock is held.
    Acquired {
        /// The lock: its owner, and the zxid of its node.
        attempt: AttemptId,
        /// The fencing token.
        token: Token,
        /// The sequencer, of a service that has such.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sequencer: Option<Sequencer>,
    },
    /// The lock is taken.
    NotAcquired,
    /// The client holds the lock, or is about to take it for another request.
    Busy,
    /// The client does not hold the lock.
    NotHeld,
    /// The client has acted.
    Acted,
    /// The resource has written.
    Written,
    /// The write was refused.
    WriteRefused,
    /// The lock is given up.
    Released,
    /// There is no resource to write to.
    NoResource,
    /// The command is for another role.
    NotMyRole,
    /// A reply of Raft: a redirect, a refusal, the end of a transfer.
    Raft(raft::Reply<Tree>),
}

/// Facts that have become true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// A fact of Raft.
    Raft(raft::Fact<Tree>),
    /// This server leads, and counts sessions from now on.
    LeaderElected {
        /// The leader's term.
        term: raft::Term,
    },
    /// The leader has applied the end of a session.
    SessionEnded {
        /// The session.
        session: SessionId,
        /// Its client.
        client: NodeId,
    },
    /// The leader has applied the deletion of a lock's node.
    NodeDeleted {
        /// The lock.
        attempt: AttemptId,
        /// The client that has asked for it.
        by: NodeId,
    },
    /// The leader has applied the release of a file's lock.
    LockReleased {
        /// The lock.
        attempt: AttemptId,
        /// The client that has asked for it.
        by: NodeId,
    },
    /// A client that waits for the lock was woken by a notification.
    Woken,
    /// This client holds the lock.
    LockHeld {
        /// The lock.
        attempt: AttemptId,
        /// The mode.
        mode: LockMode,
        /// End of its session by its own clock.
        until: Time,
    },
    /// This client has stopped acting: by its own count its session may have expired.
    InJeopardy {
        /// The lock.
        attempt: AttemptId,
    },
    /// This client no longer holds the lock.
    LockLost {
        /// The lock.
        attempt: AttemptId,
        /// The reason.
        reason: Loss,
    },
    /// This client has checked that it holds the lock and acted, in one step.
    Acted {
        /// The lock.
        attempt: AttemptId,
    },
    /// A fact of the resource.
    Resource(lock::Fact),
}

/// One durable write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// Of a server.
    Raft(raft::Record<Tree>),
    /// Of the resource.
    Resource(lock::Record),
}

/// State that survives a crash. Clients persist nothing: after a crash they open a new session.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Disk {
    /// A server's.
    pub raft: raft::Disk<Tree>,
    /// The resource's.
    pub resource: crate::disk::Disk,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Raft(record) => self.raft.apply(record),
            Record::Resource(record) => self.resource.apply(record),
        }
    }

    fn compacted(&self) -> Option<Vec<Record>> {
        if self.resource != crate::disk::Disk::default() {
            return None;
        }
        Some(self.raft.compacted()?.into_iter().map(Record::Raft).collect())
    }
}
