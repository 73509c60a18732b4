//! Replicated fenced store: a fenced resource without a single point of failure.
//!
//! A replicated resource must not check tokens replica by replica: a late write could still reach a
//! majority that the new holder has not contacted yet. So a new holder first **marks** a majority
//! with its token. From then on no older write can complete, because every majority contains a
//! marked replica. Each replica answers the mark with its newest value; the holder **adopts** the
//! newest of all, writes it again under its own token, and only then **serves**. Every write that
//! an earlier holder completed is among the answers, and an incomplete one is either completed now
//! or never takes effect.
//!
//! (This is the read with write-back of Attiya, Bar-Noy and Dolev, with fencing tokens as the
//! writers' timestamps.)
//!
//! A client that gets no reply retries, perhaps at another front, and the network may duplicate any
//! message. So the value carries a [record](Version::done) of the requests that produced it, in the
//! same write, and the record is adopted with it: a front that finds the value also finds the
//! requests that were executed, after any crash and under any token, and answers a duplicate
//! without executing it again (RIFL). The record has one number for each client, that of its newest
//! executed request: a client sends one request at a time, so it does not wait for anything older.
//! Any reply but [`Written`](Reply::Written) leaves open whether an attempt of the same request
//! takes effect.
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Mark`](Message::Mark) | front | replicas | refuse everything older, and report the newest value |
//! | [`Marked`](Message::Marked) | replica | front | everything older is refused from now on; the newest value |
//! | [`Put`](Message::Put) | front | replicas | store this value |
//! | [`Stored`](Message::Stored) | replica | front | the value is on disk |
//! | [`Refused`](Message::Refused) | replica | front | the replica is marked with a higher token |
//!
//! The store's safety does not depend on clocks: its `Clock` is `()`. Time decides which node gets
//! the next token, tokens decide which writes are accepted.

mod coordinator;
mod invariants;
mod replica;
pub(crate) mod rules;
mod symmetry;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{ClientId, Context, Duration, Input, Leads, Machine, NodeId, Outbox, RequestId};
use serde::{Deserialize, Serialize};

use crate::error::{ConfigError, distinct};
use crate::id::Token;
use crate::name::Value;
use crate::rulebook::Rulebook;
use crate::rules::InputRule;
use crate::terms::check_span;
use coordinator::Coordinator;
pub use invariants::{EachWriteOnce, MarksHold, NoLostWrite};
use replica::Replica;
pub use rules::StoreRule;

/// Fence: position of a writer in the order, by token first, then by front, so that two fronts with
/// the same token differ. Shown as `2.A`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Fence {
    /// The token of the grant.
    pub token: Token,
    /// The front that uses it.
    pub front: NodeId,
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.token.0, self.front)
    }
}

crate::parse::dotted!(Fence { token, front }, "2.A");

/// The newest executed request of each client.
pub type Done = BTreeMap<ClientId, u64>;

/// A value with its position in the order of writes: by fence, then by the front's own count, in
/// which 0 is the adopted value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Version {
    /// Fence of the writer.
    pub fence: Fence,
    /// Number of the write under this fence.
    pub count: u64,
    /// The value; `None` if nothing had ever been written.
    pub value: Option<Value>,
    /// The requests executed up to and including this write, stored durably together with their
    /// effect.
    pub done: Done,
}

/// Messages between nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Refuse everything below a fence.
    Mark {
        /// The fence.
        fence: Fence,
    },
    /// The replica refuses everything below the fence.
    Marked {
        /// The fence.
        fence: Fence,
        /// Its newest value.
        newest: Option<Version>,
    },
    /// Store a value.
    Put {
        /// The value with its position in the order.
        version: Version,
    },
    /// The value is on disk.
    Stored {
        /// Fence of the writer.
        fence: Fence,
        /// Number of the write under this fence.
        count: u64,
    },
    /// The replica has been marked with a higher token.
    Refused {
        /// The fence refused.
        fence: Fence,
        /// The replica's mark.
        mark: Fence,
    },
}

/// The only timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Time to send unanswered messages again.
    Retry,
}

/// Commands that clients send to a front.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Serve under this token, which comes with a lease.
    Open {
        /// The token.
        token: Token,
    },
    /// Write a value.
    Write {
        /// The value.
        value: Value,
    },
}

/// Replies to clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The store serves under the token.
    Opened {
        /// The store's value.
        value: Option<Value>,
    },
    /// The write is complete.
    Written,
    /// The token can no longer be used: it was used here before, or another front has come with a
    /// higher one. That front decides whether a write in progress takes effect.
    Deposed {
        /// The higher mark.
        mark: Fence,
    },
    /// The front does not serve: it has not opened the store, or is still opening it.
    NotServing,
    /// Another write is in progress at this front, which does one at a time.
    Busy,
    /// The request is older than an executed request of the same client.
    Overtaken,
    /// The node is not a front.
    NotAFront,
}

/// Facts that have become true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// This front serves from now on.
    Opened {
        /// The token.
        token: Token,
        /// The value found.
        value: Option<Value>,
    },
    /// This front's write is complete.
    Completed {
        /// The token.
        token: Token,
        /// The value.
        value: Value,
        /// The client's request.
        ticket: RequestId,
    },
    /// This replica has stored a value.
    WriteAccepted {
        /// The writer's grant.
        token: Token,
        /// The value, if any was ever written.
        value: Option<Value>,
    },
    /// This replica has refused to store a value.
    WriteRefused {
        /// The writer's grant.
        token: Token,
        /// The replica's mark.
        highest: Option<Token>,
    },
}

/// One durable write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// A replica refuses everything below a fence.
    Marked {
        /// The fence.
        fence: Fence,
    },
    /// A replica has stored a value.
    Stored {
        /// The value with its position in the order.
        version: Version,
    },
    /// A front has begun to use a token. After a crash it may not use it again, because it would
    /// count its writes from the start.
    Used {
        /// The token, with the front.
        fence: Fence,
    },
}

/// State that survives a crash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Disk {
    /// The replica's mark: it refuses everything below.
    pub mark: Option<Fence>,
    /// The replica's newest value.
    pub newest: Option<Version>,
    /// The highest token that the front has used.
    pub used: Option<Fence>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Marked { fence } => self.mark = Some(*fence),
            Record::Stored { version } => self.newest = Some(version.clone()),
            Record::Used { fence } => self.used = Some(*fence),
        }
    }
}

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The nodes that store values.
    pub replicas: Vec<NodeId>,
    /// The nodes that write and read for clients. A node may be both.
    pub fronts: Vec<NodeId>,
    /// Timeout after which a front sends unanswered messages again.
    pub retry: Duration,
}

/// Checked configuration of a fenced store, the same for all nodes. Made by [`Settings::build`];
/// cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config(Arc<Settings>);

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0
    }
}

impl Settings {
    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        distinct("replicas", &self.replicas)?;
        distinct("fronts", &self.fronts)?;
        check_span("the retry interval", self.retry)?;
        Ok(Config(Arc::new(self)))
    }
}

/// Node of the fenced store: a replica, a front or both, under a rulebook.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FencedStore {
    replica: Option<Replica>,
    front: Option<Coordinator>,
}

impl FencedStore {
    /// The newest value that the replica of this node holds.
    pub fn newest(&self) -> Option<&Version> {
        self.replica.as_ref()?.newest.as_ref()
    }

    /// The grant under which the front of this node serves clients.
    pub fn serves(&self) -> Option<Token> {
        self.front.as_ref().and_then(Coordinator::serves)
    }

    /// Whether the front of this node serves clients.
    pub fn is_leader(&self) -> bool {
        self.serves().is_some()
    }

    /// The executed requests as known to the front of this node, if it has opened the store.
    pub fn done(&self) -> Option<&Done> {
        self.front.as_ref().and_then(Coordinator::done)
    }
}

impl Leads for FencedStore {
    type Epoch = Token;

    fn leads(&self, _: &Context<Self>) -> Option<Token> {
        self.serves()
    }
}

impl Machine for FencedStore {
    const FAMILY: &'static str = "lease";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = StoreRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, _: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        FencedStore {
            replica: config.replicas.contains(&me).then(|| Replica::boot(disk)),
            front: config.fronts.contains(&me).then(|| Coordinator::boot(disk)),
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match (input, &mut self.replica, &mut self.front) {
            (Input::Deliver { from, message: Message::Mark { fence } }, Some(role), _) => role.mark(from, fence, out),
            (Input::Deliver { from, message: Message::Put { version } }, Some(role), _) => {
                role.put(cx, from, version, out)
            }
            (Input::Deliver { from, message: Message::Marked { fence, newest } }, _, Some(role)) => {
                role.marked(cx, from, fence, newest, out);
            }
            (Input::Deliver { from, message: Message::Stored { fence, count } }, _, Some(role)) => {
                role.stored(cx, from, fence, count, out);
            }
            (Input::Deliver { message: Message::Refused { fence, mark }, .. }, _, Some(role)) => {
                role.refused(fence, mark, out);
            }
            (Input::Request { ticket, command }, _, Some(role)) => role.request(cx, ticket, command, out),
            (Input::Request { ticket, .. }, ..) => {
                out.because(InputRule::NotMyRole).reply(ticket, Reply::NotAFront);
            }
            (Input::Fire(Timer::Retry), _, Some(role)) => role.retry(cx, out),
            (input, ..) => {
                out.because(InputRule::NotMyRole).why(format_args!("{input:?} is for another role"));
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View {
            mark: self.replica.as_ref().and_then(|role| role.mark),
            newest: self.newest().cloned(),
            serves: self.serves(),
        }
    }
}

/// State of a node, for display.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct View {
    /// Mark of the replica.
    pub mark: Option<Fence>,
    /// Newest value of the replica.
    pub newest: Option<Version>,
    /// Token under which the front serves.
    pub serves: Option<Token>,
}
