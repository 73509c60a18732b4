//! Trace file reader: checks each line against all the lines before it.

use std::collections::BTreeMap;
use std::io::{BufRead, Read as _};

use quorate_protocol::{NodeId, Time};
use serde_json::Value;

use super::fields::{Fields, quoted, quoted_text, string};
use super::{ReadError, ReadProblem};
use crate::trace::nearest::nearest;
use crate::trace::{Document, DropReason, Event, EventId, EventKind, Header, Lane, MessageId};

type Read<T> = Result<T, ReadProblem>;

const MESSAGE: &str = "the number of a message";
const NANOS: &str = "nanoseconds since the start of the run";

/// Reads a whole file.
pub(super) fn read(input: impl BufRead) -> Result<Document, ReadError> {
    let mut lines = Lines { input, buffer: Vec::new(), number: 0, bytes: 0 };
    let at_line = |line| move |problem| ReadError { line, problem };
    let first = lines.next().map_err(at_line(1))?.ok_or_else(|| at_line(1)(ReadProblem::Empty))?;
    let (header, lanes) = header(first).map_err(at_line(lines.number))?;
    let mut reader = Reader { header, lanes, sent: BTreeMap::new(), events: Vec::new() };
    loop {
        let line = lines.next().map_err(|problem| ReadError { line: lines.number, problem })?;
        let Some(line) = line else { break };
        let event = reader.event(line).map_err(at_line(lines.number))?;
        reader.events.push(event);
    }
    Ok(Document { header: reader.header, events: reader.events })
}

/// The lines of a file as JSON; blank lines are skipped.
struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    number: usize,
    /// Number of bytes read so far.
    bytes: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Read<Option<Value>> {
        loop {
            self.number += 1;
            self.buffer.clear();
            let limit = ReadProblem::LINE_BYTES_MAX as u64 + 1;
            (&mut self.input).take(limit).read_until(b'\n', &mut self.buffer).map_err(ReadProblem::Io)?;
            if self.buffer.is_empty() {
                return Ok(None);
            }
            if self.buffer.len() > ReadProblem::LINE_BYTES_MAX {
                return Err(ReadProblem::TooLong);
            }
            self.bytes = self.bytes.saturating_add(self.buffer.len() as u64);
            if self.bytes > ReadProblem::FILE_BYTES_MAX {
                return Err(ReadProblem::FileTooLong);
            }
            if !self.buffer.trim_ascii().is_empty() {
                return self.parse().map(Some);
            }
        }
    }

    fn parse(&self) -> Read<Value> {
        let text = std::str::from_utf8(&self.buffer)
            .map_err(|error| ReadProblem::NotUtf8 { column: error.valid_up_to() + 1 })?;
        serde_json::from_str(text).map_err(|error| {
            let whole_line = self.buffer.ends_with(b"\n");
            if error.is_eof() && !whole_line { ReadProblem::Truncated } else { ReadProblem::NotJson(error) }
        })
    }
}

fn header(line: Value) -> Read<(Header, BTreeMap<String, Lane>)> {
    let mut fields = Fields::of(line).map_err(|_| ReadProblem::NoHeader)?;
    match fields.take("quorate_trace") {
        None => return Err(ReadProblem::NoHeader),
        Some(version) if version.as_u64() == Some(1) => {}
        Some(version) => return Err(ReadProblem::Version { found: quoted(&version) }),
    }
    let header = Header {
        protocol: fields.text("protocol", "the protocol's name")?,
        title: fields.optional("title", "a text", string)?.unwrap_or_default(),
        seed: fields.optional("seed", "a whole number", |value| value.as_u64())?,
        nodes: fields
            .names("nodes")?
            .ok_or(ReadProblem::Missing { field: "nodes", expected: "the list of the nodes' names" })?,
        clients: fields.names("clients")?.unwrap_or_default(),
        rules: fields.rules()?,
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
    events: Vec<Event>,
}

impl Reader {
    fn event(&mut self, line: Value) -> Read<Event> {
        let mut fields = Fields::of(line)?;
        let id = self.id(&mut fields)?;
        let at = self.at(&mut fields)?;
        let kind = fields.text("kind", "the kind of event, such as \"send\"")?;
        let lane = self.optional_lane(&mut fields, "node")?;
        let cause = self.cause(&mut fields)?;
        let what = match kind.as_str() {
            "net" => self.net(&mut fields)?,
            "request" | "reply" => self.client_traffic(&kind, &mut fields, self.node_of(lane)?)?,
            "send" | "deliver" => self.traffic(&kind, &mut fields, lane_of(lane)?)?,
            "drop" | "duplicate" => self.fate(&kind, &mut fields)?,
            "boot" | "crash" | "pause" | "resume" | "clock" | "persist" | "state" => {
                self.node_of(lane)?;
                of_a_node(&kind, &mut fields)?
            }
            "arm" | "disarm" | "fire" | "rule" | "fact" => {
                lane_of(lane)?;
                of_a_lane(&kind, &mut fields)?
            }
            "violation" => EventKind::Violation {
                invariant: fields.text("invariant", "the invariant's name")?,
                detail: fields.optional("detail", "a text", string)?.unwrap_or_default(),
            },
            "note" => EventKind::Note { text: fields.text("text", "a text")? },
            unknown => {
                let suggestion = nearest(unknown, EventKind::KINDS).map(str::to_owned);
                return Err(ReadProblem::UnknownKind { found: quoted_text(unknown), suggestion });
            }
        };
        Ok(Event { id, at, lane, cause, what })
    }

    fn id(&self, fields: &mut Fields) -> Read<EventId> {
        let expected = "a whole number from 1";
        let id = fields.required("id", expected, |value| EventId::new(value.as_u64()?))?;
        match self.events.last() {
            Some(last) if last.id >= id => Err(ReadProblem::IdNotIncreasing { id: id.get(), before: last.id.get() }),
            _ => Ok(id),
        }
    }

    fn at(&self, fields: &mut Fields) -> Read<Time> {
        let at = fields.number("at", NANOS)?;
        match self.events.last() {
            Some(last) if last.at.as_nanos() > at => {
                Err(ReadProblem::TimeGoesBackwards { at, before: last.at.as_nanos() })
            }
            _ => Ok(Time::from_nanos(at)),
        }
    }

    fn cause(&self, fields: &mut Fields) -> Read<Option<EventId>> {
        let Some(cause) = fields.optional("cause", "the id of an earlier event", |value| value.as_u64())? else {
            return Ok(None);
        };
        EventId::new(cause)
            .filter(|cause| self.events.binary_search_by_key(cause, |event| event.id).is_ok())
            .map(Some)
            .ok_or(ReadProblem::NoSuchCause { cause })
    }

    fn net(&self, fields: &mut Fields) -> Read<EventKind> {
        if fields.has("partition") {
            let expected = "a list of groups of nodes, such as [[\"n1\"],[\"n2\",\"n3\"]]";
            let groups: Vec<Vec<String>> = fields.required("partition", expected, |value| {
                let groups = value.as_array_mut()?.iter_mut();
                groups.map(|group| group.as_array_mut()?.iter_mut().map(string).collect()).collect()
            })?;
            let nodes = |group: Vec<String>| group.iter().map(|name| self.node("partition", name)).collect();
            return Ok(EventKind::Partition { groups: groups.into_iter().map(nodes).collect::<Read<_>>()? });
        }
        if fields.flag("heal")? {
            return Ok(EventKind::Heal);
        }
        let expected = "{\"from\":…,\"to\":…,\"up\":true or false}, unless there is `partition` or `heal`";
        let (from, to, up) = fields.required("link", expected, |value| {
            let up = value.get("up")?.as_bool()?;
            Some((string(value.get_mut("from")?)?, string(value.get_mut("to")?)?, up))
        })?;
        Ok(EventKind::Link { from: self.node("link", &from)?, to: self.node("link", &to)?, up })
    }

    fn client_traffic(&mut self, kind: &str, fields: &mut Fields, node: Lane) -> Read<EventKind> {
        let name = fields.text("client", "a client's name")?;
        let Lane::Client(client) = self.lane("client", &name, "client")? else {
            return Err(self.unknown("client", &name, "client"));
        };
        let ticket = fields.number("ticket", "the client's count of its requests")?;
        let msg = fields.optional("msg", MESSAGE, |value| value.as_u64())?.map(MessageId);
        if kind == "request" {
            if let Some(msg) = msg {
                self.arrives(msg, client.into(), node)?;
            }
            Ok(EventKind::Request { msg, client, ticket, payload: fields.payload(Some("Request"))? })
        } else {
            if let Some(msg) = msg {
                self.leaves(msg, node, client.into())?;
            }
            Ok(EventKind::Reply { msg, client, ticket, payload: fields.payload(Some("Reply"))? })
        }
    }

    fn traffic(&mut self, kind: &str, fields: &mut Fields, lane: Lane) -> Read<EventKind> {
        let msg = MessageId(fields.number("msg", MESSAGE)?);
        if kind == "send" {
            let to = self.required_lane(fields, "to")?;
            self.leaves(msg, lane, to)?;
            Ok(EventKind::Send { msg, to, ticket: ticket(fields)?, payload: fields.payload(None)? })
        } else {
            let from = self.required_lane(fields, "from")?;
            self.arrives(msg, from, lane)?;
            Ok(EventKind::Deliver { msg, from, late: fields.flag("late")? })
        }
    }

    fn fate(&mut self, kind: &str, fields: &mut Fields) -> Read<EventKind> {
        let msg = MessageId(fields.number("msg", MESSAGE)?);
        let (from, to) = *self.sent.get(&msg).ok_or(ReadProblem::NeverSent { msg: msg.0 })?;
        if kind == "drop" {
            let expected = "loss, partition, crashed or script";
            let reason = fields.required("reason", expected, |value| {
                let word = value.as_str()?;
                DropReason::ALL.into_iter().find(|reason| reason.word() == word)
            })?;
            Ok(EventKind::Drop { msg, reason })
        } else {
            let copy = MessageId(fields.number("copy", "the number of the copy")?);
            self.leaves(copy, from, to)?;
            Ok(EventKind::Duplicate { msg, copy })
        }
    }

    fn leaves(&mut self, msg: MessageId, from: Lane, to: Lane) -> Read<()> {
        match self.sent.insert(msg, (from, to)) {
            None => Ok(()),
            Some(_) => Err(ReadProblem::SentAlready { msg: msg.0 }),
        }
    }

    fn arrives(&self, msg: MessageId, from: Lane, to: Lane) -> Read<()> {
        let route =
            |(from, to)| format!("{} to {}", quoted_text(&self.header.name(from)), quoted_text(&self.header.name(to)));
        match self.sent.get(&msg) {
            None => Err(ReadProblem::NeverSent { msg: msg.0 }),
            Some(sent) if *sent == (from, to) => Ok(()),
            Some(sent) => {
                Err(ReadProblem::Misdelivered { msg: msg.0, sent: route(*sent), delivered: route((from, to)) })
            }
        }
    }

    fn optional_lane(&self, fields: &mut Fields, field: &'static str) -> Read<Option<Lane>> {
        let name = fields.optional(field, "the name of a node or client", string)?;
        name.map(|name| self.lane(field, &name, "node or client")).transpose()
    }

    fn required_lane(&self, fields: &mut Fields, field: &'static str) -> Read<Lane> {
        let missing = ReadProblem::Missing { field, expected: "the name of a node or client" };
        self.optional_lane(fields, field)?.ok_or(missing)
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

    /// Returns the node of an event that can only happen to a node.
    fn node_of(&self, lane: Option<Lane>) -> Read<Lane> {
        match lane {
            Some(Lane::Client(_)) => Err(self.unknown("node", &self.header.name(lane_of(lane)?), "node")),
            lane => lane_of(lane),
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
    lane.ok_or(ReadProblem::Missing { field: "node", expected: "the name of a node or client" })
}

fn ticket(fields: &mut Fields) -> Read<Option<u64>> {
    fields.optional("ticket", "the client's count of its requests", |value| value.as_u64())
}

fn of_a_node(kind: &str, fields: &mut Fields) -> Read<EventKind> {
    Ok(match kind {
        "boot" => {
            let incarnation = fields.number("incarnation", "how often the node has started, from 1")?;
            EventKind::Boot { incarnation, state: fields.take("state") }
        }
        "crash" => {
            let lost = fields.number("lost", "how many records were not yet durable")?;
            EventKind::Crash { lost, wiped: fields.flag("wiped")? }
        }
        "pause" => EventKind::Pause,
        "resume" => EventKind::Resume,
        "persist" => EventKind::Persist(fields.payload(None)?),
        "state" => {
            let missing = ReadProblem::Missing { field: "diff", expected: "a JSON merge patch to the node's view" };
            EventKind::State { diff: fields.take("diff").ok_or(missing)? }
        }
        _ => match fields.optional("drift_ppm", "parts per million", |value| value.as_i64())? {
            Some(ppm) => EventKind::Drift { ppm },
            None => {
                let expected = "nanoseconds, unless there is `drift_ppm`";
                EventKind::Jump { nanos: fields.required("jump_ns", expected, |value| value.as_i64())? }
            }
        },
    })
}

fn of_a_lane(kind: &str, fields: &mut Fields) -> Read<EventKind> {
    Ok(match kind {
        "fact" => EventKind::Fact(fields.payload(None)?),
        "rule" => {
            let rule = fields.text("rule", "the rule's name")?;
            EventKind::Rule { rule, why: fields.optional("why", "a sentence", string)?.unwrap_or_default() }
        }
        _ => {
            let timer = fields.text("timer", "the timer's name")?;
            match kind {
                "arm" => {
                    let due = Time::from_nanos(fields.number("due", NANOS)?);
                    EventKind::Arm { timer, due, ticket: ticket(fields)? }
                }
                "disarm" => EventKind::Disarm { timer },
                _ => EventKind::Fire { timer, ticket: ticket(fields)?, gave_up: fields.flag("gave_up")? },
            }
        }
    })
}
