//! Requests to a lock server and its answers: the few commands of Redis, and of a table with a
//! unique index, that the recipes use.
//!
//! They are plain data, so that a client of a real service can carry them out as well.

use quorate_lease::{Name, Token};
use quorate_protocol::Duration;
use serde::{Deserialize, Serialize};

use crate::id::{AttemptId, LockValue};

/// Request to a lock server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Request {
    /// `INSERT` of a row, which fails if the unique index has the key already.
    Insert {
        /// The row's key.
        key: Name,
        /// Other columns of the row.
        value: LockValue,
    },
    /// `SETNX key value`, or `SET key value NX PX ttl`.
    SetIfAbsent {
        /// The key.
        key: Name,
        /// Its value.
        value: LockValue,
        /// Its time to live, set in the same step.
        ttl: Option<Duration>,
    },
    /// `EXPIRE key ttl`.
    Expire {
        /// The key.
        key: Name,
        /// Its time to live from now on.
        ttl: Duration,
    },
    /// `DEL key`, or `DELETE` of the row, no matter who has set it.
    Delete {
        /// The key.
        key: Name,
    },
    /// The script that compares the value and deletes the key, in one step.
    DeleteIfEqual {
        /// The key.
        key: Name,
        /// The value that it must have.
        value: LockValue,
    },
    /// `DELETE` of the rows that a client inserted in its earlier lives.
    DeleteOwn {
        /// The key.
        key: Name,
        /// The client, and the last attempt of that life.
        last: AttemptId,
    },
    /// `GET key`.
    Get {
        /// The key.
        key: Name,
    },
    /// The script that compares the value and gives the key a new time to live, in one step.
    ExpireIfEqual {
        /// The key.
        key: Name,
        /// The value that it must have.
        value: LockValue,
        /// Its time to live from now on.
        ttl: Duration,
    },
}

/// Answer of a lock server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Answer {
    /// The key is set.
    Set {
        /// Number of the keys set on this server so far: a fencing token, if there is one server.
        token: Token,
    },
    /// The key existed already.
    Exists,
    /// Whether there was a key to give a time to live, with the value asked for.
    Expiring {
        /// Whether there was.
        exists: bool,
    },
    /// Whether a key was deleted.
    Deleted {
        /// Whether it was.
        deleted: bool,
    },
    /// The value of the key.
    Value {
        /// `None` if there is no such key.
        value: Option<LockValue>,
    },
}
