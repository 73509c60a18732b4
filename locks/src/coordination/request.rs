//! Requests to the coordination service and its answers: the few calls of ZooKeeper, and of etcd,
//! that the recipes use.
//!
//! They are plain data, so that a client of a real service can carry them out as well.

use std::fmt;

use quorate_lease::Name;
use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

use crate::id::AttemptId;
use crate::sequencer::{LockMode, Sequencer};

/// Number of a change of the tree: ZooKeeper's `zxid`, etcd's `revision`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Zxid(pub u64);

impl fmt::Display for Zxid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "zxid {}", self.0)
    }
}

/// Identifier of a session (of an etcd lease): the zxid of the change that opened it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "session {}", self.0)
    }
}

/// Number that the service appends to the name of a sequential node. Written with ten digits.
pub type Sequence = u64;

/// Kind of node to create.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum CreateMode {
    /// A node that stays until it is deleted.
    Persistent,
    /// A node that ends with the session that created it.
    Ephemeral,
    /// The same, with a number appended to its name that is higher than any before.
    EphemeralSequential,
}

/// Condition under which a session is expired.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Expiry {
    /// The heartbeat from which the leader counted; `None` expires the session in any case.
    pub touches: Option<u64>,
    /// Whether the session's nodes go at once, or when a lock-delay is over.
    pub frees: bool,
}

/// Request to the service. All go through the log, so that all servers agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TreeRequest {
    /// Open a session (etcd: grant a lease).
    Open {
        /// The client.
        client: NodeId,
    },
    /// Heartbeat (etcd: keep the lease alive). It says what the client has seen, and the answer
    /// repeats the events that it has not.
    Touch {
        /// The session.
        session: SessionId,
        /// The newest event that the client has seen.
        seen: Zxid,
    },
    /// Close a session: its ephemeral nodes go at once.
    Close {
        /// The session.
        session: SessionId,
    },
    /// The leader expires a session.
    Expire {
        /// The session.
        session: SessionId,
        /// The condition.
        expiry: Expiry,
    },
    /// The leader ends the lock-delay of a session that has expired: its ephemeral nodes go.
    Free {
        /// The session.
        session: SessionId,
    },
    /// Create a node.
    Create {
        /// The session.
        session: SessionId,
        /// Path, to which a sequential node's number is appended.
        path: Name,
        /// Kind of node.
        mode: CreateMode,
    },
    /// Delete a node.
    Delete {
        /// The session.
        session: SessionId,
        /// Path.
        path: Name,
        /// The change that created the node that is meant: a later one of that path stays.
        created: Zxid,
    },
    /// Acquire the lock of a file, which is created if it does not exist.
    Acquire {
        /// The session.
        session: SessionId,
        /// Path of the file.
        path: Name,
        /// The mode.
        mode: LockMode,
        /// If the lock is taken, notify the session, once, when it becomes free.
        watch: bool,
    },
    /// Release the lock of a file.
    Release {
        /// The session.
        session: SessionId,
        /// Path of the file.
        path: Name,
        /// The change by which it was acquired: a later acquisition stays.
        acquired: Zxid,
    },
    /// List the children of a node.
    Children {
        /// The session.
        session: SessionId,
        /// Path of the parent.
        path: Name,
        /// Notify the session, once, when a child is created or deleted.
        watch: bool,
    },
    /// Ask whether a node exists.
    Exists {
        /// The session.
        session: SessionId,
        /// Path.
        path: Name,
        /// Notify the session, once, when the node is created or deleted.
        watch: bool,
    },
}

impl TreeRequest {
    /// The session on whose behalf it is made; `None` if there is none yet.
    pub fn session(&self) -> Option<SessionId> {
        match self {
            TreeRequest::Open { .. } => None,
            TreeRequest::Touch { session, .. }
            | TreeRequest::Close { session }
            | TreeRequest::Expire { session, .. }
            | TreeRequest::Free { session }
            | TreeRequest::Create { session, .. }
            | TreeRequest::Delete { session, .. }
            | TreeRequest::Acquire { session, .. }
            | TreeRequest::Release { session, .. }
            | TreeRequest::Children { session, .. }
            | TreeRequest::Exists { session, .. } => Some(*session),
        }
    }
}

/// A child of a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Child {
    /// Its path.
    pub path: Name,
    /// The number in its name, if it is sequential.
    pub sequence: Option<Sequence>,
    /// The change that created it: ZooKeeper's `czxid`, etcd's `create_revision`.
    pub created: Zxid,
}

/// Answer of the service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TreeAnswer {
    /// The session is open.
    Opened {
        /// Its identifier.
        session: SessionId,
    },
    /// The session is alive.
    Alive {
        /// Events that the client has not seen.
        events: Vec<WatchEvent>,
    },
    /// The session has expired, or was closed.
    SessionExpired,
    /// The node is created.
    Created(Child),
    /// There is a node of that path already.
    NodeExists,
    /// The node is deleted.
    Deleted {
        /// The client that had created it, and the zxid of that.
        attempt: AttemptId,
    },
    /// The lock of the file is acquired.
    Locked {
        /// The change by which it was.
        acquired: Zxid,
        /// The sequencer.
        sequencer: Sequencer,
    },
    /// Others hold the lock of the file in a mode that excludes this one.
    LockTaken,
    /// The lock of the file is released.
    Released {
        /// The client that had acquired it, and the zxid of that.
        attempt: AttemptId,
    },
    /// The session is closed or has expired.
    Done,
    /// There is no such node, or nothing to do.
    NoNode,
    /// The children.
    Children(Vec<Child>),
    /// The node exists.
    Exists {
        /// The change that created it.
        created: Zxid,
    },
    /// Whether a sequencer is valid, or a lock's node exists: the answer to a resource.
    Sequencer {
        /// The lock that was asked about.
        attempt: AttemptId,
        /// Whether it is held.
        valid: bool,
    },
}

/// A watch has fired: it is gone, and has to be set again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WatchEvent {
    /// The change.
    pub zxid: Zxid,
    /// The path that was watched.
    pub path: Name,
    /// Kind of change.
    pub change: Change,
}

/// Kind of change that a watch reports.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Change {
    /// The node was created.
    Created,
    /// The node was deleted.
    Deleted,
    /// A child was created or deleted.
    Children,
    /// The lock of the file became free.
    Freed,
}

/// Path of the parent of a node; `None` for a path without a slash, or with one only at its start.
pub(crate) fn parent(path: &Name) -> Option<Name> {
    let (parent, _) = path.as_str().rsplit_once('/')?;
    (!parent.is_empty()).then(|| Name::from(parent))
}
