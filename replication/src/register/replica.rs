//! A replica: its copies and its clock, and what both modes share.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{ClientId, Context, NodeId, Outbox, RequestId};

use super::disk::{Disk, Record};
use super::majority::Operation;
use super::message::{Command, Fact, Message, Reply};
use super::node::Register;
use super::rules::RegisterRule;
use super::version::{Seen, Version, stamps};
use crate::{Key, Stamp, Tick, Value};

pub(crate) type Cx<'a> = Context<'a, Register>;
pub(crate) type Out = Outbox<Register>;

/// Origin of a request: a client, or an application with a session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Origin {
    Client,
    App(NodeId),
}

/// A request, as a replica sees it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Asked {
    pub(crate) ticket: RequestId,
    pub(crate) origin: Origin,
    pub(crate) key: Key,
    pub(crate) what: What,
}

/// The operation of a request, with what its session has seen.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum What {
    Read { token: Vec<Stamp> },
    Write { value: Value, saw: Vec<Stamp>, seen: Seen },
}

impl Asked {
    /// The request of a client without a session.
    pub(crate) fn by_client(ticket: RequestId, command: Command) -> Self {
        let (key, what) = match command {
            Command::Read { key, .. } => (key, What::Read { token: Vec::new() }),
            Command::Write { key, value, .. } => (key, What::Write { value, saw: Vec::new(), seen: Seen::default() }),
        };
        Asked { ticket, origin: Origin::Client, key, what }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Replica {
    pub(crate) copies: BTreeMap<Key, Vec<Version>>,
    /// The last reading of the clock that orders writes.
    pub(crate) clock: Tick,
    /// The newest write of each client that has a stamp.
    pub(crate) begun: BTreeMap<ClientId, u64>,
    /// Majority operations under way.
    pub(crate) operations: BTreeMap<RequestId, Operation>,
    /// Reads that wait until this replica has caught up with their session.
    pub(crate) waiting: BTreeMap<RequestId, Asked>,
    /// Number of comparisons with other replicas so far, modulo their number.
    pub(crate) rounds: usize,
}

impl Replica {
    pub(crate) fn boot(cx: &Cx<'_>, disk: &Disk, out: &mut Out) -> Self {
        if !disk.copies.is_empty() {
            out.because(RegisterRule::Recall).why(format_args!("{} keys", disk.copies.len()));
        }
        let replica = Replica {
            copies: disk.copies.clone(),
            clock: disk.clock,
            begun: disk.begun.clone(),
            operations: BTreeMap::new(),
            waiting: BTreeMap::new(),
            rounds: 0,
        };
        if !replica.copies.is_empty() {
            replica.begin_anti_entropy(cx, out);
        }
        replica
    }

    /// The versions of a key.
    pub(crate) fn held(&self, key: &Key) -> &[Version] {
        self.copies.get(key).map_or(&[], Vec::as_slice)
    }

    /// Refuses a write that has begun already, or an older one; otherwise gives it a place.
    pub(crate) fn repeats(&self, cx: &Cx<'_>, asked: &Asked, out: &mut Out) -> bool {
        let RequestId { client, number } = asked.ticket;
        match cx.rules.begins(self.begun.get(&client).copied(), number) {
            Allow(_) => false,
            Refuse(rule) => {
                out.because(rule).why(format_args!("{} comes again", asked.ticket));
                if rule == RegisterRule::Overtaken {
                    sorry(asked, Reply::Overtaken, rule, out);
                }
                true
            }
        }
    }

    /// Remembers that a write has a stamp.
    pub(crate) fn begin(&mut self, ticket: RequestId) -> Record {
        let newest = self.begun.entry(ticket.client).or_default();
        *newest = (*newest).max(ticket.number);
        Record::Begun { ticket }
    }

    /// Replaces the versions of a key.
    pub(crate) fn hold(&mut self, key: &Key, versions: Vec<Version>) -> Record {
        debug_assert!(
            versions.windows(2).all(|pair| pair[0].stamp < pair[1].stamp),
            "versions are sorted by stamp, each once: {versions:?}"
        );
        self.copies.insert(key.clone(), versions.clone());
        Record::Stored { key: key.clone(), versions, clock: self.clock }
    }
}

/// The other replicas.
pub(crate) fn others<'a>(cx: &Cx<'a>) -> impl Iterator<Item = NodeId> + use<'a> {
    let me = cx.me;
    cx.config.replicas.iter().copied().filter(move |node| *node != me)
}

/// Answers a read.
pub(crate) fn answer_read(asked: &Asked, versions: &[Version], rule: RegisterRule, out: &mut Out) {
    let Asked { ticket, key, .. } = asked;
    let mut because = out.because(rule);
    because.emit(Fact::Returned { ticket: *ticket, key: key.clone(), stamps: stamps(versions) });
    match asked.origin {
        Origin::Client => because.reply(*ticket, values(versions)),
        Origin::App(app) => because.send(app, Message::Got { ticket: *ticket, versions: versions.to_vec() }),
    };
}

/// Acknowledges a write.
pub(crate) fn answer_write(asked: &Asked, version: &Version, rule: RegisterRule, out: &mut Out) {
    let (Asked { ticket, key, .. }, Version { stamp, seen, .. }) = (asked, version);
    let saw = match &asked.what {
        What::Write { saw, .. } => saw.clone(),
        What::Read { .. } => Vec::new(),
    };
    let mut because = out.because(rule);
    because.emit(Fact::Wrote { ticket: *ticket, key: key.clone(), stamp: *stamp, saw });
    match asked.origin {
        Origin::Client => because.reply(*ticket, Reply::Written),
        Origin::App(app) => because.send(app, Message::Put { ticket: *ticket, stamp: *stamp, seen: seen.clone() }),
    };
}

/// Refuses a request.
pub(crate) fn sorry(asked: &Asked, reply: Reply, rule: RegisterRule, out: &mut Out) {
    let Asked { ticket, key, .. } = asked;
    let mut because = out.because(rule);
    because.emit(Fact::Refused { ticket: *ticket, key: key.clone() });
    match asked.origin {
        Origin::Client => because.reply(*ticket, reply),
        Origin::App(app) => because.send(app, Message::Sorry { ticket: *ticket, reply }),
    };
}

/// The answer that shows these versions.
pub(crate) fn values(versions: &[Version]) -> Reply {
    Reply::Values { values: versions.iter().map(|version| version.value.clone()).collect() }
}
