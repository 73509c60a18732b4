//! Cache leases: a server promises not to change what clients have cached (*Leases*, Gray and
//! Cheriton 1989).
//!
//! A cache that holds a lease on a datum answers reads locally and is never stale: the server does
//! not change the datum before the lease expires or is given back. A write therefore waits. The
//! server recalls the leases; a holder that cannot be reached delays the write by at most the rest
//! of its term. Reads during the wait are answered without a lease, so that the wait ends.
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Fetch`](Message::Fetch) | cache | server | requests a datum and a lease on it |
//! | [`Lent`](Message::Lent) | server | cache | the datum, which will not change for a term |
//! | [`Told`](Message::Told) | server | cache | the datum without a lease: a write is waiting |
//! | [`Recall`](Message::Recall) | server | cache | asks for the lease back: a write is waiting |
//! | [`Returned`](Message::Returned) | cache | server | the lease is given back |
//!
//! The server keeps its leases in memory. After a restart writes wait until every lease that it may
//! have granted is over.

mod holder;
pub(crate) mod rules;
mod server;

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{
    ClientId, Context, Disposition, Input, Invariant, InvariantSummary, InvariantViolation, LocalTime, Machine, NodeId,
    Outbox, RequestId, StepView, Time,
};
use serde::{Deserialize, Serialize};

use crate::error::ConfigError;
use crate::name::{Name, Value};
use crate::rulebook::Rulebook;
use crate::rules::InputRule;
use crate::terms::Terms;
use holder::Holder;
pub use rules::CacheRule;
use server::Server;

/// A datum at one version. Versions count from 1; version 0 was never written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Datum {
    /// Number of changes so far.
    pub version: u64,
    /// The value; `None` if never written.
    pub value: Option<Value>,
}

/// Messages between nodes. `sent` is always a reading of the cache's own clock; the server only
/// echoes it and compares such readings with each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// A cache requests a datum.
    Fetch {
        /// The datum's key.
        key: Name,
        /// Time of the request.
        sent: Time,
    },
    /// The datum, with a promise not to change it.
    Lent {
        /// The datum's key.
        key: Name,
        /// The datum.
        datum: Datum,
        /// The request that this answers.
        sent: Time,
    },
    /// The datum, without a promise.
    Told {
        /// The datum's key.
        key: Name,
        /// The datum.
        datum: Datum,
        /// The request that this answers.
        sent: Time,
    },
    /// The server recalls a datum.
    Recall {
        /// The datum's key.
        key: Name,
    },
    /// The cache has given back everything that it requested up to `sent`.
    Returned {
        /// The datum's key.
        key: Name,
        /// Time of the return, inclusive.
        sent: Time,
    },
}

/// The server's only timer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// End of the last lease on a datum that a write waits for.
    Review(Name),
}

/// Commands of clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Read a datum. For a cache.
    Read {
        /// The datum's key.
        key: Name,
    },
    /// Change a datum. For the server.
    Write {
        /// The datum's key.
        key: Name,
        /// The new value.
        value: Value,
    },
}

/// Replies to clients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// The datum.
    Read {
        /// The datum.
        datum: Datum,
    },
    /// The datum has changed.
    Written {
        /// Its new version.
        version: u64,
    },
    /// Only the server writes: ask it.
    AskServer {
        /// The server.
        server: NodeId,
    },
    /// The request is older than an executed request of the same client.
    Overtaken,
}

/// Facts that have become true.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// The server has granted a lease on a datum.
    Lent {
        /// The datum's key.
        key: Name,
        /// The holder.
        holder: NodeId,
        /// End of the lease, on the server's clock.
        expires: Time,
    },
    /// A cache has answered a read locally, under its lease.
    CachedRead {
        /// The datum's key.
        key: Name,
        /// The version read.
        version: u64,
    },
    /// The server has changed a datum.
    WriteCompleted {
        /// The datum's key.
        key: Name,
        /// Its new version.
        version: u64,
    },
}

/// The only durable write: a datum changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Record {
    /// A datum has changed.
    Wrote {
        /// The datum's key.
        key: Name,
        /// Its new state.
        datum: Datum,
        /// The request, so that a repetition is not executed again.
        ticket: RequestId,
    },
}

/// The server's state that survives a crash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Disk {
    /// The data.
    pub data: BTreeMap<Name, Datum>,
    /// The newest executed request of each client, with the version that it wrote.
    pub done: BTreeMap<ClientId, (u64, u64)>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, Record::Wrote { key, datum, ticket }: &Record) {
        // Of two waiting writes, the later one may be executed first: the older one must not
        // replace its record.
        let newest = self.done.entry(ticket.client).or_default();
        if newest.0 < ticket.number {
            *newest = (ticket.number, datum.version);
        }
        self.data.insert(key.clone(), datum.clone());
    }
}

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The node that stores the data. All others are caches.
    pub server: NodeId,
    /// Durations of the leases. The renewal interval is not used: a cache requests a lease when it
    /// is asked for a datum.
    pub terms: Terms,
}

/// Checked configuration of a server and its caches, the same for all nodes. Made by
/// [`Settings::build`]; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config(Arc<Settings>);

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0
    }
}

impl Settings {
    /// Checks the settings. Only the terms could be wrong, and those are checked already.
    ///
    /// # Errors
    /// None so far; the signature matches that of the other settings.
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

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::AskServer { server } => Disposition::Redirect(*server),
            _ => Disposition::Final,
        }
    }
}

/// State of a node, for display.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum View {
    /// State of the server.
    Server {
        /// Number of data items.
        data: usize,
        /// Number of data items with a lease on record.
        loans: usize,
        /// Number of data items that a write waits for.
        waiting: usize,
        /// End of the wait of all writes after a start.
        silent_until: Option<Time>,
    },
    /// State of a cache.
    Cache {
        /// Number of data items cached, including any whose lease has expired.
        cached: usize,
        /// Number of data items that a read waits for.
        waiting: usize,
    },
}

/// No cached read returns a version older than a completed write, in true time.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NoStaleRead {
    completed: BTreeMap<Name, u64>,
}

impl Invariant<Cache> for NoStaleRead {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("NoStaleRead", "No cached read returns a version older than a completed write.")]
    }

    fn check(&mut self, step: &StepView<'_, Cache>) -> Result<(), InvariantViolation> {
        for fact in step.facts() {
            match fact {
                Fact::WriteCompleted { key, version } => {
                    self.completed.insert(key.clone(), *version);
                }
                Fact::CachedRead { key, version } => {
                    let newest = self.completed.get(key).copied().unwrap_or_default();
                    if *version < newest {
                        let detail =
                            format!("{} read version {version} of {key}, and {newest} was complete", step.node);
                        return Err(InvariantViolation::new("NoStaleRead", detail));
                    }
                }
                Fact::Lent { .. } => {}
            }
        }
        Ok(())
    }
}
