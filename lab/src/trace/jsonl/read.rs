//! Trace file reader: checks each line against all the lines before it.
//!
//! Serde checks the [shape](super::shape) of a line. This module checks its references to other
//! lines: names, ids, times, causes, and the path of each message.

use std::collections::BTreeMap;
use std::io::BufRead;

use quorate_protocol::{ClientId, NodeId, Time};

use super::shape::{self, Common, Free, Kind, LaneOf, Link, Name, Traffic};
use super::{ReadError, ReadProblem};
use crate::trace::lines::{Limits, Lines};
use crate::trace::nearest::nearest;
use crate::trace::quote::quoted_text;
use crate::trace::{Document, Event, EventId, EventKind, Forgery, Header, Lane, MessageId, Payload, Value};

type Read<T> = Result<T, ReadProblem>;

const LIMITS: Limits =
    Limits { line_bytes_max: ReadProblem::LINE_BYTES_MAX, file_bytes_max: ReadProblem::FILE_BYTES_MAX };

/// Reads a whole file.
pub(super) fn read(input: impl BufRead) -> Result<Document, ReadError> {
    let mut lines = Lines::new(input, LIMITS);
    document(&mut lines).map_err(|problem| {
        let line = if matches!(problem, ReadProblem::Empty) { 1 } else { lines.number() };
        ReadError { line, problem }
    })
}

fn document(lines: &mut Lines<impl BufRead>) -> Read<Document> {
    let first = next(lines)?.ok_or(ReadProblem::Empty)?;
    let (header, lanes) = header(first)?;
    let mut reader = Reader { header, lanes, sent: BTreeMap::new(), said: BTreeMap::new(), events: Vec::new() };
    while let Some(line) = next(lines)? {
        let event = reader.event(line)?;
        reader.events.push(event);
    }
    Ok(Document { header: reader.header, events: reader.events })
}

/// Reads the next line that is not blank, as JSON.
fn next(lines: &mut Lines<impl BufRead>) -> Read<Option<Value>> {
    while let Some(line) = lines.next()? {
        if !line.trim_ascii().is_empty() {
            let whole = line.ends_with('\n');
            return line.parse().map(Some).map_err(|error: serde_json::Error| match error.classify() {
                serde_json::error::Category::Eof if !whole => ReadProblem::Truncated,
                // Any JSON is a value, unless a key stands twice.
                serde_json::error::Category::Data => ReadProblem::DuplicateKey(error),
                _ => ReadProblem::NotJson(error),
            });
        }
    }
    Ok(None)
}

fn header(line: Value) -> Read<(Header, BTreeMap<String, Lane>)> {
    let line = shape::header(line)?;
    let names = |names: Vec<Name>| names.into_iter().map(|Name(name)| name).collect();
    let header = Header {
        protocol: line.protocol,
        title: line.title.unwrap_or_default(),
        seed: line.seed,
        nodes: names(line.nodes),
        clients: names(line.clients.unwrap_or_default()),
        rules: line.rules,
    };
    let mut lanes = BTreeMap::new();
    for lane in header.lanes() {
        let name = header.name(lane).into_owned();
        if lanes.contains_key(&name) {
            return Err(ReadProblem::SharedName { name: quoted_text(&name) });
        }
        lanes.insert(name, lane);
    }
    Ok((header, lanes))
}

/// State of the reader after the lines so far.
struct Reader {
    header: Header,
    lanes: BTreeMap<String, Lane>,
    /// Sender and recipient of every message.
    sent: BTreeMap<MessageId, (Lane, Lane)>,
    /// Index of the event that says what a message says: its send, or the last lie in it.
    said: BTreeMap<MessageId, usize>,
    events: Vec<Event>,
}

impl Reader {
    fn event(&mut self, line: Value) -> Read<Event> {
        let (Common { id, at, node, cause }, kind, free) = shape::event(line)?;
        let id = self.id(id.into())?;
        let at = self.at(Time::from_nanos(at))?;
        let lane = node.map(|name| self.lane("node", &name, "node or client")).transpose()?;
        let cause = cause.map(|cause| self.earlier("cause", cause)).transpose()?;
        match kind.lane() {
            LaneOf::Node => drop(self.node_of(lane)?),
            LaneOf::NodeOrClient => drop(lane_of(lane)?),
            LaneOf::Any => {}
        }
        Ok(Event { id, at, lane, cause, what: self.what(lane, kind, free)? })
    }

    fn what(&mut self, lane: Option<Lane>, kind: Kind, free: Free) -> Read<EventKind> {
        Ok(match kind {
            Kind::Boot { incarnation } => EventKind::Boot { incarnation, state: free.state },
            Kind::Crash { lost, wiped, restored } => {
                let restored = restored.map(|after| self.earlier("restored", after)).transpose()?;
                EventKind::Crash { lost, wiped: wiped.unwrap_or_default(), restored }
            }
            Kind::Pause { suspended: Some(true) } => EventKind::Suspend,
            Kind::Pause { .. } => EventKind::Pause,
            Kind::Resume {} => EventKind::Resume,
            Kind::Clock { drift_ppm: Some(ppm), .. } => EventKind::Drift { ppm },
            Kind::Clock { jump_ns, .. } => EventKind::Jump { nanos: jump_ns.ok_or_else(|| shape::missing("jump_ns"))? },
            Kind::Net { partition, heal, link } => self.net(partition, heal, link)?,
            Kind::Request(traffic) => self.request(lane_of(lane)?, traffic, free)?,
            Kind::Reply(traffic) => self.reply(lane_of(lane)?, traffic, free)?,
            Kind::Send { msg, to, ticket, name } => {
                let to = self.lane("to", &to, "node or client")?;
                self.leaves(MessageId(msg), lane_of(lane)?, to)?;
                EventKind::Send { msg: MessageId(msg), to, ticket, payload: payload(name, free) }
            }
            Kind::Deliver { msg, from, late } => {
                let from = self.lane("from", &from, "node or client")?;
                self.arrives(MessageId(msg), from, lane_of(lane)?)?;
                EventKind::Deliver { msg: MessageId(msg), from, late: late.unwrap_or_default() }
            }
            Kind::Drop { msg, reason } => {
                self.route(MessageId(msg))?;
                EventKind::Drop { msg: MessageId(msg), reason: reason.into() }
            }
            Kind::Duplicate { msg, copy } => {
                let (from, to) = self.route(MessageId(msg))?;
                self.leaves(MessageId(copy), from, to)?;
                if let Some(said) = self.said.get(&MessageId(msg)).copied() {
                    self.said.insert(MessageId(copy), said);
                }
                EventKind::Duplicate { msg: MessageId(msg), copy: MessageId(copy) }
            }
            Kind::Forge { msg, to, name, field } => {
                self.forge(lane_of(lane)?, (MessageId(msg), &to, name, field), free)?
            }
            Kind::Arm { timer, due, ticket } => EventKind::Arm { timer, due: Time::from_nanos(due), ticket },
            Kind::Disarm { timer } => EventKind::Disarm { timer },
            Kind::Fire { timer, ticket, gave_up } => {
                EventKind::Fire { timer, ticket, gave_up: gave_up.unwrap_or_default() }
            }
            Kind::Rule { rule, why } => EventKind::Rule { rule, why: why.unwrap_or_default() },
            Kind::Persist { name } => EventKind::Persist(payload(name, free)),
            Kind::State {} => EventKind::State { diff: free.diff.ok_or_else(|| shape::missing("diff"))? },
            Kind::Fact { name } => EventKind::Fact(payload(name, free)),
            Kind::Violation { invariant, detail } => {
                EventKind::Violation { invariant, detail: detail.unwrap_or_default() }
            }
            Kind::Note { text } => EventKind::Note { text },
        })
    }

    fn id(&self, id: EventId) -> Read<EventId> {
        match self.events.last() {
            Some(last) if last.id >= id => Err(ReadProblem::IdNotIncreasing { id: id.get(), before: last.id.get() }),
            _ => Ok(id),
        }
    }

    fn at(&self, at: Time) -> Read<Time> {
        match self.events.last() {
            Some(last) if last.at > at => {
                Err(ReadProblem::TimeGoesBackwards { at: at.as_nanos(), before: last.at.as_nanos() })
            }
            _ => Ok(at),
        }
    }

    /// The earlier event that a field refers to.
    fn earlier(&self, field: &'static str, id: u64) -> Read<EventId> {
        EventId::new(id).filter(|id| self.events.binary_search_by_key(id, |event| event.id).is_ok()).ok_or(
            match field {
                "cause" => ReadProblem::NoSuchCause { cause: id },
                _ => ReadProblem::NoSuchEvent { field, id },
            },
        )
    }

    fn net(&self, partition: Option<Vec<Vec<String>>>, heal: Option<bool>, link: Option<Link>) -> Read<EventKind> {
        if let Some(groups) = partition {
            let nodes = |group: Vec<String>| group.iter().map(|name| self.node("partition", name)).collect();
            return Ok(EventKind::Partition { groups: groups.into_iter().map(nodes).collect::<Read<_>>()? });
        }
        if heal == Some(true) {
            return Ok(EventKind::Heal);
        }
        let Link { from, to, up } = link.ok_or_else(|| shape::missing("link"))?;
        Ok(EventKind::Link { from: self.node("link", &from)?, to: self.node("link", &to)?, up })
    }

    fn request(&mut self, node: Lane, traffic: Traffic, free: Free) -> Read<EventKind> {
        let client = self.client(&traffic.client)?;
        let msg = traffic.msg.map(MessageId);
        if let Some(msg) = msg {
            self.arrives(msg, client.into(), node)?;
        }
        let name = traffic.name.unwrap_or_else(|| "Request".to_owned());
        Ok(EventKind::Request { msg, client, ticket: traffic.ticket, payload: payload(name, free) })
    }

    fn reply(&mut self, node: Lane, traffic: Traffic, free: Free) -> Read<EventKind> {
        let client = self.client(&traffic.client)?;
        let msg = traffic.msg.map(MessageId);
        if let Some(msg) = msg {
            self.leaves(msg, node, client.into())?;
        }
        let name = traffic.name.unwrap_or_else(|| "Reply".to_owned());
        Ok(EventKind::Reply { msg, client, ticket: traffic.ticket, payload: payload(name, free) })
    }

    /// A lie must begin with what the message says so far.
    fn forge(
        &mut self,
        lane: Lane,
        (msg, to, name, field): (MessageId, &str, String, String),
        mut free: Free,
    ) -> Read<EventKind> {
        let to = self.lane("to", to, "node or client")?;
        self.arrives(msg, lane, to)?;
        let (old, new) = (free.old.take().unwrap_or_default(), free.new.take().unwrap_or_default());
        let forgery = Forgery { msg, to, field, old, new, payload: payload(name, free) };
        let said = self.said.get(&msg).and_then(|said| self.events.get(*said)).map(|event| &event.what);
        let before = match said {
            Some(EventKind::Send { payload, .. } | EventKind::Reply { payload, .. }) => Some(payload),
            Some(EventKind::Forge(before)) => Some(&before.payload),
            _ => None,
        };
        if !before.is_some_and(|before| forgery.follows(before)) {
            return Err(ReadProblem::Misforged { msg: msg.0, field: quoted_text(&forgery.field) });
        }
        self.said.insert(msg, self.events.len());
        Ok(EventKind::Forge(Box::new(forgery)))
    }

    fn leaves(&mut self, msg: MessageId, from: Lane, to: Lane) -> Read<()> {
        match self.sent.insert(msg, (from, to)) {
            None => {
                self.said.insert(msg, self.events.len());
                Ok(())
            }
            Some(_) => Err(ReadProblem::SentAlready { msg: msg.0 }),
        }
    }

    /// Returns sender and recipient of a message.
    fn route(&self, msg: MessageId) -> Read<(Lane, Lane)> {
        self.sent.get(&msg).copied().ok_or(ReadProblem::NeverSent { msg: msg.0 })
    }

    fn arrives(&self, msg: MessageId, from: Lane, to: Lane) -> Read<()> {
        let sent = self.route(msg)?;
        if sent == (from, to) {
            return Ok(());
        }
        let told =
            |(from, to)| format!("{} to {}", quoted_text(&self.header.name(from)), quoted_text(&self.header.name(to)));
        Err(ReadProblem::Misdelivered { msg: msg.0, sent: told(sent), delivered: told((from, to)) })
    }

    fn lane(&self, field: &'static str, name: &str, expected: &'static str) -> Read<Lane> {
        self.lanes.get(name).copied().ok_or_else(|| self.unknown(field, name, expected))
    }

    fn node(&self, field: &'static str, name: &str) -> Read<NodeId> {
        match self.lane(field, name, "node")? {
            Lane::Node(node) => Ok(node),
            Lane::Client(_) => Err(self.unknown(field, name, "node")),
        }
    }

    fn client(&self, name: &str) -> Read<ClientId> {
        match self.lane("client", name, "client")? {
            Lane::Client(client) => Ok(client),
            Lane::Node(_) => Err(self.unknown("client", name, "client")),
        }
    }

    /// Returns the node of an event that can only happen to a node.
    fn node_of(&self, lane: Option<Lane>) -> Read<Lane> {
        match lane_of(lane)? {
            lane @ Lane::Client(_) => Err(self.unknown("node", &self.header.name(lane), "node")),
            lane => Ok(lane),
        }
    }

    fn unknown(&self, field: &'static str, name: &str, expected: &'static str) -> ReadProblem {
        let names = match expected {
            "client" => [&[][..], &self.header.clients],
            "node" => [&self.header.nodes, &[][..]],
            _ => [&self.header.nodes[..], &self.header.clients],
        };
        let suggestion = nearest(name, names.into_iter().flatten().map(String::as_str)).map(quoted_text);
        ReadProblem::UnknownLane { field, found: quoted_text(name), expected, suggestion }
    }
}

/// Returns the lane of an event that must have one.
fn lane_of(lane: Option<Lane>) -> Read<Lane> {
    lane.ok_or_else(|| shape::missing("node"))
}

fn payload(name: String, free: Free) -> Payload {
    Payload { name, body: free.body.unwrap_or_default() }
}
