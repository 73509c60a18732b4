//! Messages, timers, commands, replies, facts and durable writes.

use quorate_lease::{Name, Token, Value};
use quorate_protocol::{NodeId, RequestId, Time};
use serde::{Deserialize, Serialize};

use crate::id::{AttemptId, LockValue};
use crate::sequencer::Sequencer;
use crate::service::{Answer, Request};

/// Messages between nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// A request to a lock server. Its variant says which command it is.
    Ask {
        /// The attempt on whose behalf it is made, which the answer repeats.
        attempt: AttemptId,
        /// The request.
        request: Request,
    },
    /// The answer of a lock server.
    Told {
        /// The attempt.
        attempt: AttemptId,
        /// The answer.
        answer: Answer,
    },
    /// A resource asks the lock service whether a sequencer is valid.
    CheckSequencer {
        /// The lock.
        attempt: AttemptId,
        /// Its sequencer.
        sequencer: Sequencer,
    },
    /// The lock service answers.
    SequencerChecked {
        /// The lock.
        attempt: AttemptId,
        /// Whether its sequencer is valid.
        valid: bool,
    },
    /// A client sets the resource's `currlock`.
    Mark {
        /// Its lock.
        attempt: AttemptId,
        /// The caller's request that this is for.
        ticket: RequestId,
    },
    /// The resource has set `currlock`.
    Marked {
        /// The caller's request.
        ticket: RequestId,
    },
    /// A client reads the resource.
    Read {
        /// The caller's request.
        ticket: RequestId,
    },
    /// Content of the resource.
    Data {
        /// The caller's request.
        ticket: RequestId,
        /// Its value.
        value: Option<Value>,
        /// Its `currlock`.
        currlock: Option<AttemptId>,
    },
    /// A client writes to the resource.
    Write(Write),
    /// The resource has written.
    Written {
        /// The caller's request.
        ticket: RequestId,
    },
    /// The resource has refused the write.
    WriteRefused {
        /// The caller's request.
        ticket: RequestId,
    },
    /// A client reads a replica under its token, before it writes.
    Open {
        /// Its lock.
        attempt: AttemptId,
        /// The fencing token of that lock.
        token: Option<Token>,
        /// The caller's request.
        ticket: RequestId,
    },
    /// Content of a replica.
    Opened {
        /// The lock under which it was asked.
        attempt: AttemptId,
        /// The caller's request.
        ticket: RequestId,
        /// Author of its value: token, and lock.
        author: Option<(Token, AttemptId)>,
        /// Its value.
        value: Option<Value>,
    },
    /// A client declares what it has written to be whole.
    Commit {
        /// Its lock.
        attempt: AttemptId,
        /// The fencing token of that lock.
        token: Option<Token>,
        /// The caller's request.
        ticket: RequestId,
    },
    /// A replica has stored the write.
    Stored {
        /// The writer's lock.
        attempt: AttemptId,
        /// The caller's request.
        ticket: RequestId,
    },
    /// Nothing takes the writes back any more.
    Committed {
        /// The caller's request.
        ticket: RequestId,
    },
}

/// A write to the resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Write {
    /// The lock under which it is made.
    pub attempt: AttemptId,
    /// The fencing token of that lock, if it has one.
    pub token: Option<Token>,
    /// Its sequencer, if the service has such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequencer: Option<Sequencer>,
    /// The value to write.
    pub value: Value,
    /// The caller's request.
    pub ticket: RequestId,
}

/// Timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Client: the answers to an attempt are overdue.
    Answers,
    /// Client: time for the next attempt.
    Retry,
    /// Client: the validity of the lock ends.
    Lapse,
    /// Client: time to act under the lock.
    Act,
    /// Client: the work for a write is done.
    Work(RequestId),
    /// Resource: time to do a write that was checked before.
    Write(RequestId),
    /// Client: time to extend the lock.
    Extend,
}

/// Commands to a client of the lock.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Take the lock, in one attempt.
    Try,
    /// Take the lock, in as many attempts as it takes.
    Acquire,
    /// Check the lock and act, in one step.
    Act,
    /// Check the lock, work for a while, and then write to the resource.
    Write {
        /// The value to write.
        value: Value,
    },
    /// Unlock.
    Release,
    /// The same as [`Write`](Self::Write), to one of several resources.
    WriteTo {
        /// The resource.
        resource: NodeId,
        /// The value to write.
        value: Value,
    },
    /// Declare what was written under the lock to be whole.
    Commit,
}

/// Replies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The lock is held.
    Acquired {
        /// The attempt that took it.
        attempt: AttemptId,
        /// Its fencing token, if the recipe has one.
        token: Option<Token>,
    },
    /// The attempt has failed.
    NotAcquired,
    /// The client is about to take the lock for another request.
    Busy,
    /// The client does not hold a valid lock.
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
    /// The node is not a client of the lock: ask one.
    NotAClient,
    /// The writes are whole, and stay.
    Committed,
}

/// Facts that have become true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// The server has set the key.
    KeySet {
        /// The key.
        key: Name,
        /// The attempt on whose behalf.
        attempt: AttemptId,
        /// End of its time to live, on the server's clock.
        expires: Option<Time>,
    },
    /// The server has deleted the key on request.
    KeyDeleted {
        /// The key.
        key: Name,
        /// The attempt that had set it.
        attempt: AttemptId,
        /// The attempt on whose behalf it was deleted.
        by: AttemptId,
    },
    /// The server has found that the key's time to live is over.
    KeyExpired {
        /// The key.
        key: Name,
        /// The attempt that had set it.
        attempt: AttemptId,
    },
    /// This client holds the lock.
    LockHeld {
        /// The attempt that took it.
        attempt: AttemptId,
        /// End of its validity, on the client's clock.
        until: Option<Time>,
    },
    /// This client no longer holds the lock.
    LockLost {
        /// The attempt that took it.
        attempt: AttemptId,
        /// The reason.
        reason: Loss,
    },
    /// This client has checked that it holds the lock and acted, in one step.
    Acted {
        /// The attempt that took it.
        attempt: AttemptId,
    },
    /// The resource has begun a write that takes more than one step.
    WriteBegan {
        /// The writer's lock.
        attempt: AttemptId,
    },
    /// The resource has written a value.
    WriteAccepted {
        /// The writer's lock.
        attempt: AttemptId,
        /// The value.
        value: Value,
    },
    /// The resource has refused a write.
    WriteRefused {
        /// The writer's lock.
        attempt: AttemptId,
    },
    /// The resource has written a file that no reader takes, because there is a newer one.
    OlderFileWritten {
        /// The writer's lock.
        attempt: AttemptId,
        /// The value.
        value: Value,
    },
    /// The resource has taken back what an earlier holder had written and not committed.
    WritesUndone {
        /// The holder's lock.
        attempt: AttemptId,
        /// The value that the resource has again.
        value: Option<Value>,
    },
    /// The resource keeps what was written under this lock.
    WritesCommitted {
        /// The writer's lock.
        attempt: AttemptId,
    },
    /// This client has read the resource under its token, and is going to write.
    ResourceOpened {
        /// Its lock.
        attempt: AttemptId,
        /// The lock under which the newest value was written that it has found.
        found: Option<AttemptId>,
    },
    /// This client's write is on a majority of the replicas.
    WriteCompleted {
        /// Its lock.
        attempt: AttemptId,
        /// The value.
        value: Value,
    },
    /// The server has given a key that expires a new time to live.
    KeyExtended {
        /// The key.
        key: Name,
        /// The attempt that had set it.
        attempt: AttemptId,
        /// The attempt on whose behalf it was extended.
        by: AttemptId,
    },
    /// This client holds the lock for longer.
    LockExtended {
        /// The attempt that took it.
        attempt: AttemptId,
        /// End of its validity, on the client's clock.
        until: Time,
    },
}

/// Reason for losing the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// Its validity is over.
    Expired,
    /// It was released.
    Released,
}

/// A key that is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// Its value.
    pub value: LockValue,
    /// The attempt that set it. No recipe reads it: a fixed value does not tell, but an observer
    /// wants to know.
    pub by: AttemptId,
    /// End of its time to live, on the server's clock.
    pub expires: Option<Time>,
}

/// One durable write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// A client begins an attempt.
    Began {
        /// Its number.
        number: u64,
    },
    /// A server has set a key, or given it a time to live.
    Stored {
        /// The key.
        key: Name,
        /// Its new content.
        entry: Entry,
    },
    /// A server counts the keys that it has set.
    Counted {
        /// Their number.
        count: u64,
    },
    /// A key is gone.
    Deleted {
        /// The key.
        key: Name,
    },
    /// A server has started, for the first time or again.
    Started,
    /// The resource has seen a token.
    Seen {
        /// The token.
        token: Token,
    },
    /// The resource has set `currlock`.
    CurrLock {
        /// To this lock.
        attempt: AttemptId,
    },
    /// The resource has written.
    Wrote {
        /// The value.
        value: Value,
    },
    /// The resource knows under which lock its value was written.
    Author {
        /// The token.
        token: Token,
        /// The lock.
        attempt: AttemptId,
    },
    /// The resource has written a file.
    File {
        /// The token that it is named after.
        token: Token,
        /// Its content.
        value: Value,
    },
    /// The value is whole.
    Committed,
    /// The value is again the one that was whole last.
    Undone,
}
