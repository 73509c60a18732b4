//! An application: it asks replicas on behalf of clients, and remembers what its session has seen.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, RequestId};

use super::config::Order;
use super::message::{Command, Fact, Message, Reply, Timer};
use super::replica::{Cx, Out, values};
use super::rules::RegisterRule;
use super::version::{self, Seen, Version, stamps};
use crate::{Key, Stamp};

/// The part of a session that concerns one key.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(crate) struct Known {
    /// The version written last.
    pub(crate) wrote: Option<Stamp>,
    /// The versions read last.
    pub(crate) read: Vec<Stamp>,
    /// The versions read or written last: those that the next write replaces.
    pub(crate) saw: Vec<Stamp>,
    /// The same as a version vector.
    pub(crate) seen: Seen,
}

#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(crate) struct App {
    pub(crate) session: BTreeMap<Key, Known>,
    /// The request under way, if any, with its key.
    pub(crate) open: BTreeMap<RequestId, Key>,
    /// The newest request of each client.
    pub(crate) newest: BTreeMap<ClientId, u64>,
}

impl App {
    /// Passes a client's request on to a replica.
    pub(crate) fn ask(&mut self, cx: &Cx<'_>, ticket: RequestId, command: Command, out: &mut Out) {
        let (Command::Read { key, at } | Command::Write { key, at, .. }) = &command;
        let (key, at) = (key.clone(), at.unwrap_or_else(|| cx.config.home(cx.me)));
        if !cx.config.replicas.contains(&at) {
            out.because(RegisterRule::NotMyRole).why(format_args!("{at} is no replica")).reply(ticket, Reply::Invalid);
            return;
        }
        let RequestId { client, number } = ticket;
        let newest = self.newest.entry(client).or_default();
        if *newest >= number {
            out.because(RegisterRule::RepeatedRequest).why(format_args!("{ticket} comes again"));
            return;
        }
        *newest = number;
        // An answer that comes after a later one would show the session something older.
        for (earlier, _) in std::mem::take(&mut self.open) {
            out.because(RegisterRule::Overtaken)
                .why(format_args!("{earlier} is given up"))
                .disarm(Timer::Late { ticket: earlier })
                .reply(earlier, Reply::Overtaken);
        }
        let known = self.session.entry(key.clone()).or_default();
        let message = match command {
            Command::Read { .. } => {
                let session = cx.config.available().map(|available| available.session);
                let demands = |wrote| session.is_some_and(|session| cx.rules.demands(session, wrote));
                let wrote = known.wrote.iter().filter(|_| demands(true));
                let token = wrote.chain(known.read.iter().filter(|_| demands(false))).copied().collect();
                Message::Read { ticket, key: key.clone(), token }
            }
            Command::Write { value, .. } => {
                let Known { saw, seen, .. } = known.clone();
                Message::Write { ticket, key: key.clone(), value, saw, seen }
            }
        };
        self.open.insert(ticket, key);
        // A replica has its own timeout, and the two messages take time as well.
        out.because(RegisterRule::AskReplica).send(at, message).arm(Timer::Late { ticket }, cx.config.timeout * 2);
    }

    /// Handles the answer to a read.
    pub(crate) fn got(&mut self, cx: &Cx<'_>, ticket: RequestId, versions: Vec<Version>, out: &mut Out) {
        let Some(key) = self.open.remove(&ticket) else { return late(ticket, out) };
        let known = self.session.entry(key.clone()).or_default();
        known.read = stamps(&versions);
        known.saw = stamps(&versions);
        // With stamps, the context is the stamp: vectors are of siblings.
        known.seen = if is_vector(cx) { version::known(&versions, cx.rules.follows) } else { Seen::default() };
        let reply = values(&versions);
        out.because(RegisterRule::TellClient)
            .disarm(Timer::Late { ticket })
            .emit(Fact::SessionRead { key, versions })
            .reply(ticket, reply);
    }

    /// Handles the acknowledgement of a write.
    pub(crate) fn put(&mut self, cx: &Cx<'_>, ticket: RequestId, stamp: Stamp, mut seen: Seen, out: &mut Out) {
        let Some(key) = self.open.remove(&ticket) else { return late(ticket, out) };
        let known = self.session.entry(key.clone()).or_default();
        if is_vector(cx) {
            seen.add(stamp, cx.rules.follows);
        }
        (known.wrote, known.saw, known.seen) = (Some(stamp), vec![stamp], seen);
        out.because(RegisterRule::TellClient)
            .disarm(Timer::Late { ticket })
            .emit(Fact::SessionWrote { key, stamp })
            .reply(ticket, Reply::Written);
    }

    /// Handles a refusal.
    pub(crate) fn sorry(&mut self, ticket: RequestId, reply: Reply, out: &mut Out) {
        if self.open.remove(&ticket).is_none() {
            return late(ticket, out);
        }
        out.because(RegisterRule::TellClient).disarm(Timer::Late { ticket }).reply(ticket, reply);
    }

    /// Handles a request that has heard nothing.
    pub(crate) fn no_answer(&mut self, ticket: RequestId, out: &mut Out) {
        let Some(key) = self.open.remove(&ticket) else { return late(ticket, out) };
        out.because(RegisterRule::NoAnswer).emit(Fact::Refused { ticket, key }).reply(ticket, Reply::Unavailable);
    }
}

/// Whether writes are ordered by version vectors.
fn is_vector(cx: &Cx<'_>) -> bool {
    cx.config.available().is_some_and(|available| available.order == Order::Vector)
}

/// Ignores an answer to a request that is over.
fn late(ticket: RequestId, out: &mut Out) {
    out.because(RegisterRule::LateAnswer).why(format_args!("{ticket} is over"));
}
