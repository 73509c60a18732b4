//! A fenced store on several replicas: the fence that is not a single point of failure.
//!
//! A resource that is replicated must not check tokens replica by replica: a late write could still reach a majority that the new holder has
//! not touched yet. So a new holder first **marks** a majority with its token. From then on no older write can complete, because every
//! majority contains a marked replica. With its mark each replica reports its newest value; the holder **adopts** the newest of
//! all, writes it again under its own token, and only then **serves**: what an earlier holder completed is among the reports, and
//! what it left half done is either finished now or gone for good.
//!
//! (This is the read-then-write-back of Attiya, Bar-Noy and Dolev, with fencing tokens for the writers' timestamps.)
//!
//! A client that hears nothing asks again, perhaps of another front, and the network repeats what
//! it likes. So the value goes with a [record](Version::done) of the requests that made it, in the
//! same write, and is adopted with it: whoever finds the value finds what was carried out, after
//! whatever crash and under whichever token, and answers a repetition without carrying it out again
//! (RIFL). The record has one number for each client, its newest request that was carried out: a
//! client asks for one thing after the other, so nothing older is waited for. Any answer but
//! [`Written`](Reply::Written) leaves open whether an attempt of the same request takes effect.
//!
//! | message | from | to | what it is for |
//! |---|---|---|---|
//! | [`Mark`](Message::Mark) | front | replicas | refuse everything older; what is your newest value? |
//! | [`Marked`](Message::Marked) | replica | front | refuses everything older; its newest value |
//! | [`Put`](Message::Put) | front | replicas | store this |
//! | [`Stored`](Message::Stored) | replica | front | it is on disk |
//! | [`Refused`](Message::Refused) | replica | front | marked with a higher token |
//!
//! The store's safety reads no clock: its `Clock` is `()`. Time decides who gets the next token, tokens decide who is obeyed.

mod front;
mod invariants;
mod renamed;
mod replica;
pub(crate) mod rules;

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{ClientId, Context, Duration, Input, Machine, NodeId, Outbox, Ticket};
use serde::{Deserialize, Serialize};

use crate::error::{ConfigError, distinct};
use crate::id::Token;
use crate::rulebook::Rulebook;
use crate::rules::InputRule;
use crate::terms::check_span;
use crate::text::Value;
use front::Front;
pub use invariants::{EachWriteOnce, MarksHold, NoLostWrite};
use replica::Replica;
pub use rules::StoreRule;

/// A writer's place in the order: by token first; two fronts that were given the same token do not share one. Shown as `2.A`.
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

crate::written::written_with_dots!(Fence { token, front }, "2.A");

/// The newest request of each client that was carried out.
pub type Done = BTreeMap<ClientId, u64>;

/// A value in the order of writes: by fence, then by the front's own count, in which 0 is what it adopted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Version {
    /// Whose write.
    pub fence: Fence,
    /// Which of its writes.
    pub count: u64,
    /// The value; `None` if nothing had ever been written.
    pub value: Option<Value>,
    /// The requests that were carried out up to this write, itself included: one durable write with
    /// what they changed.
    pub done: Done,
}

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Refuse everything older.
    Mark {
        /// Than this.
        fence: Fence,
    },
    /// The replica refuses everything older.
    Marked {
        /// Than this.
        fence: Fence,
        /// Its newest value.
        newest: Option<Version>,
    },
    /// Store this.
    Put {
        /// The value with its place in the order.
        version: Version,
    },
    /// It is on disk.
    Stored {
        /// Whose write.
        fence: Fence,
        /// Which of its writes.
        count: u64,
    },
    /// The replica has been marked with a higher token.
    Refused {
        /// What was asked.
        fence: Fence,
        /// What it is marked with.
        mark: Fence,
    },
}

/// The one timer: to send again what was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// To send again what was not answered.
    Retry,
}

/// What clients ask of a front.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Serve under this token, which a lease has brought.
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

/// What clients are answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The store serves under the token.
    Opened {
        /// What it holds.
        value: Option<Value>,
    },
    /// The write is complete.
    Written,
    /// The token is used up, here or because somebody has come with a higher one; whether a write
    /// that was under way takes effect is up to them.
    Deposed {
        /// The mark that was met.
        mark: Fence,
    },
    /// The front does not serve: it has not opened, or is still at it.
    NotServing,
    /// One write after the other: this front is at one.
    Busy,
    /// The request is older than one of the same client that was carried out.
    Overtaken,
    /// The node is no front.
    NotAFront,
}

/// What has become true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// This front serves from now on.
    Opened {
        /// Under this token.
        token: Token,
        /// With this value.
        value: Option<Value>,
    },
    /// This front's write is complete.
    Completed {
        /// Under this token.
        token: Token,
        /// The value.
        value: Value,
        /// Whose request it was.
        ticket: Ticket,
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
        /// The mark.
        highest: Option<Token>,
    },
}

/// One durable write.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// A replica refuses everything older.
    Marked {
        /// Than this.
        fence: Fence,
    },
    /// It has stored a value.
    Stored {
        /// The value with its place in the order.
        version: Version,
    },
    /// A front has begun to use a token. After a crash it may not use it again: it would count its writes anew.
    Used {
        /// The token, with the front.
        fence: Fence,
    },
}

/// What survives a crash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Disk {
    /// It refuses everything older.
    pub mark: Option<Fence>,
    /// Its newest value.
    pub newest: Option<Version>,
    /// The highest token that this front has used.
    pub used: Option<Fence>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn write(&mut self, record: &Record) {
        match record {
            Record::Marked { fence } => self.mark = Some(*fence),
            Record::Stored { version } => self.newest = Some(version.clone()),
            Record::Used { fence } => self.used = Some(*fence),
        }
    }
}

/// The knobs. Check them with [`build`](Self::build).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The nodes that store.
    pub replicas: Vec<NodeId>,
    /// The nodes that write and read for clients. A node may be both.
    pub fronts: Vec<NodeId>,
    /// How long a front waits for answers before it sends again.
    pub retry: Duration,
}

/// A fenced store, the same for all nodes. Made by [`Settings::build`]; cloning it is cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config(Arc<Settings>);

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0
    }
}

/// All machines of a run share one configuration, so it tells no two of them apart: hashing it would only cost time.
impl Hash for Config {
    fn hash<H: Hasher>(&self, _: &mut H) {}
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

/// A node of the fenced store: a replica, a front or both, under a rulebook.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FencedStore {
    replica: Option<Replica>,
    front: Option<Front>,
}

impl FencedStore {
    /// The newest value that the replica of this node holds.
    pub fn newest(&self) -> Option<&Version> {
        self.replica.as_ref()?.newest.as_ref()
    }

    /// The grant under which the front of this node serves clients.
    pub fn serves(&self) -> Option<Token> {
        self.front.as_ref().and_then(Front::serves)
    }

    /// The requests that were carried out, as far as a front knows that has opened the store.
    pub fn done(&self) -> Option<&Done> {
        self.front.as_ref().and_then(Front::done)
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
            front: config.fronts.contains(&me).then(|| Front::boot(disk)),
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

/// What a state panel shows of a node.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct View {
    /// What a replica is marked with.
    pub mark: Option<Fence>,
    /// A replica's newest value.
    pub newest: Option<Version>,
    /// Under which token a front serves.
    pub serves: Option<Token>,
}
