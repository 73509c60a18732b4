//! Cache leases: a server promises not to change what clients have cached (*Leases*, Gray and Cheriton 1989).
//!
//! A cache that holds a lease on a datum answers reads by itself, and is right to: the server does not change the datum before
//! the lease ends or is given back. So a write waits. Its holders are called back, and one that cannot be reached costs no more than the
//! rest of its term. Reads during the wait are answered without a lease, so that the wait ends.
//!
//! | message | from | to | what it is for |
//! |---|---|---|---|
//! | [`Fetch`](Message::Fetch) | cache | server | what is the datum? |
//! | [`Lent`](Message::Lent) | server | cache | this, and it will not change for a term |
//! | [`Told`](Message::Told) | server | cache | this, but a write is waiting |
//! | [`Recall`](Message::Recall) | server | cache | give it back, somebody writes |
//! | [`Returned`](Message::Returned) | cache | server | given back |
//!
//! The server keeps its loans in memory. After a restart it lets writes wait until all it may have lent is over.

mod holder;
pub(crate) mod rules;
mod server;

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{
    Answer, Broken, ClientId, Context, Input, Invariant, LocalTime, Machine, NodeId, Observed, Outbox, Ticket, Time,
};
use serde::{Deserialize, Serialize};

use crate::error::ConfigError;
use crate::rulebook::Rulebook;
use crate::rules::InputRule;
use crate::terms::Terms;
use crate::text::{Name, Value};
use holder::Holder;
pub use rules::CacheRule;
use server::Server;

/// A datum as it is at one time. Versions count from 1; 0 is what was never written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Datum {
    /// How often it has changed.
    pub version: u64,
    /// What it is.
    pub value: Option<Value>,
}

/// What nodes say to each other. `sent` is always the cache's own clock, which the server only echoes and compares with itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// A cache asks for a datum.
    Fetch {
        /// Which.
        key: Name,
        /// When it asked.
        sent: Time,
    },
    /// The datum, and a promise not to change it.
    Lent {
        /// Which.
        key: Name,
        /// What it is.
        datum: Datum,
        /// The question that this answers.
        sent: Time,
    },
    /// The datum, without a promise.
    Told {
        /// Which.
        key: Name,
        /// What it is.
        datum: Datum,
        /// The question that this answers.
        sent: Time,
    },
    /// The server wants a datum back.
    Recall {
        /// Which.
        key: Name,
    },
    /// The cache has given back all that it asked for until then.
    Returned {
        /// Which.
        key: Name,
        /// Until when.
        sent: Time,
    },
}

/// The one timer, of the server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// The last lease on a datum that a write waits for is over.
    Review(Name),
}

/// What clients ask.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Read a datum, of a cache.
    Read {
        /// Which.
        key: Name,
    },
    /// Change a datum, of the server.
    Write {
        /// Which.
        key: Name,
        /// To what.
        value: Value,
    },
}

/// What clients are answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The datum.
    Read {
        /// What it is.
        datum: Datum,
    },
    /// It has changed.
    Written {
        /// To this version.
        version: u64,
    },
    /// Only the server writes.
    AskServer {
        /// The server.
        server: NodeId,
    },
    /// The request is older than one of the same client that was carried out.
    Overtaken,
}

/// What has become true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// The server has lent a datum.
    Lent {
        /// Which.
        key: Name,
        /// To whom.
        holder: NodeId,
        /// Until when that binds the server, on its clock.
        expires: Time,
    },
    /// A cache has answered a read by itself, under its lease.
    CachedRead {
        /// Which datum.
        key: Name,
        /// As of which version.
        version: u64,
    },
    /// The server has changed a datum.
    WriteCompleted {
        /// Which.
        key: Name,
        /// To this version.
        version: u64,
    },
}

/// The one durable write: a datum changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// A datum has changed.
    Wrote {
        /// Which.
        key: Name,
        /// What it is now.
        datum: Datum,
        /// Whose request that was, so that a repetition is not carried out again.
        ticket: Ticket,
    },
}

/// What survives a crash of the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Disk {
    /// The data.
    pub data: BTreeMap<Name, Datum>,
    /// The newest request of each client that was carried out, with the version it made.
    pub done: BTreeMap<ClientId, (u64, u64)>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn write(&mut self, Record::Wrote { key, datum, ticket }: &Record) {
        // Of two that waited, the one asked for later may come first: the older one does not make
        // it new again.
        let newest = self.done.entry(ticket.client).or_default();
        if newest.0 < ticket.number {
            *newest = (ticket.number, datum.version);
        }
        self.data.insert(key.clone(), datum.clone());
    }
}

/// The knobs. Check them with [`build`](Self::build).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The node that has the data. All others are caches.
    pub server: NodeId,
    /// How long leases last. The renewal interval is not used: a cache asks when it is asked.
    pub terms: Terms,
}

/// A server and its caches, the same for all nodes. Made by [`Settings::build`]; cloning it is cheap.
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
    /// Nothing but the terms can be wrong, and those are checked already.
    ///
    /// # Errors
    /// None so far; the signature is that of all settings.
    pub fn build(self) -> Result<Config, ConfigError> {
        Ok(Config(Arc::new(self)))
    }
}

/// A node: the server or a cache, under a rulebook.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Cache {
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Server(Server),
    Holder(Holder),
}

impl Machine for Cache {
    const FAMILY: &'static str = "lease";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = CacheRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = LocalTime;
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, _: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        let now = cx.rules.clock(cx.now);
        let role = if me == config.server {
            Role::Server(Server::boot(cx, disk, now))
        } else {
            Role::Holder(Holder::boot(now))
        };
        Cache { role }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let now = cx.rules.clock(cx.now);
        match (&mut self.role, input) {
            (Role::Server(role), Input::Deliver { from, message: Message::Fetch { key, sent } }) => {
                role.fetch(cx, from, key, sent, now, out);
            }
            (Role::Server(role), Input::Deliver { from, message: Message::Returned { key, sent } }) => {
                role.returned(cx, from, &key, sent, now, out);
            }
            (Role::Server(role), Input::Request { ticket, command: Command::Write { key, value } }) => {
                role.write(cx, ticket, key, value, now, out);
            }
            (Role::Server(role), Input::Request { ticket, command: Command::Read { key } }) => {
                role.read(ticket, &key, out);
            }
            (Role::Server(role), Input::Fire(Timer::Review(key))) => role.review(cx, &key, now, out),
            (Role::Holder(role), Input::Deliver { message: Message::Lent { key, datum, sent }, .. }) => {
                role.lent(cx, key, datum, sent, now, out);
            }
            (Role::Holder(role), Input::Deliver { message: Message::Told { key, datum, sent }, .. }) => {
                role.told(&key, &datum, sent, out);
            }
            (Role::Holder(role), Input::Deliver { from, message: Message::Recall { key } }) => {
                role.recall(from, key, now, out);
            }
            (Role::Holder(role), Input::Request { ticket, command }) => role.request(cx, ticket, command, now, out),
            (_, input) => {
                out.because(InputRule::NotMyRole).why(format_args!("{input:?} is for another role"));
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        match &self.role {
            Role::Server(role) => role.view(),
            Role::Holder(role) => role.view(),
        }
    }

    fn answer(reply: &Reply) -> Answer {
        match reply {
            Reply::AskServer { server } => Answer::Ask(*server),
            _ => Answer::Final,
        }
    }
}

/// What a state panel shows of a node.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum View {
    /// The server.
    Server {
        /// How many data it has.
        data: usize,
        /// How many loans it remembers.
        loans: usize,
        /// How many writes wait.
        waiting: usize,
        /// Until when all writes wait, after a start.
        silent_until: Option<Time>,
    },
    /// A cache.
    Cache {
        /// How many data it has cached, some of them perhaps for too long.
        cached: usize,
        /// How many reads wait for the server.
        waiting: usize,
    },
}

/// No cached read returns a version older than a completed write, judged on the true time.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NoStaleRead {
    completed: BTreeMap<Name, u64>,
}

impl Invariant<Cache> for NoStaleRead {
    fn check(&mut self, seen: &Observed<'_, Cache>) -> Result<(), Broken> {
        for fact in seen.facts() {
            match fact {
                Fact::WriteCompleted { key, version } => {
                    self.completed.insert(key.clone(), *version);
                }
                Fact::CachedRead { key, version } => {
                    let newest = self.completed.get(key).copied().unwrap_or_default();
                    if *version < newest {
                        let detail =
                            format!("{} read version {version} of {key}, and {newest} was complete", seen.node);
                        return Err(Broken::new("NoStaleRead", detail));
                    }
                }
                Fact::Lent { .. } => {}
            }
        }
        Ok(())
    }
}
