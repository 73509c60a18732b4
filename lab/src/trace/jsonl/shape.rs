//! Shape of the lines of a trace file: their fields and types, as `docs/TRACE.md` lists them.
//!
//! Serde derives the readers. References between lines (names, ids, times, messages) are checked in
//! [`read`](super::read).

use std::num::NonZeroU64;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Unexpected, Visitor};

use super::ReadProblem;
use super::typed::{Fields, Tagged, TypeError};
use crate::trace::nearest::nearest;
use crate::trace::quote::{quoted, quoted_text};
use crate::trace::{Citation, DropReason, EventKind, Object, Value};

type Read<T> = Result<T, ReadProblem>;

/// The header.
#[derive(Deserialize)]
pub(super) struct HeaderLine {
    pub(super) protocol: String,
    pub(super) title: Option<String>,
    pub(super) seed: Option<u64>,
    pub(super) nodes: Vec<Name>,
    pub(super) clients: Option<Vec<Name>>,
    #[serde(default, deserialize_with = "rules")]
    pub(super) rules: Vec<Citation>,
}

/// A name that is not empty.
pub(super) struct Name(pub(super) String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name.is_empty() {
            return Err(de::Error::invalid_value(Unexpected::Str(""), &"a name"));
        }
        Ok(Name(name))
    }
}

#[derive(Deserialize)]
struct RuleText {
    cite: Option<String>,
    says: Option<String>,
}

/// Reads the header's rules, whose order counts: serde has no type for that.
fn rules<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Citation>, D::Error> {
    struct Rules;

    impl<'de> Visitor<'de> for Rules {
        type Value = Vec<Citation>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("rules by their names")
        }

        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_map(self)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut rules: A) -> Result<Self::Value, A::Error> {
            let mut read = Vec::new();
            while let Some((id, RuleText { cite, says })) = rules.next_entry()? {
                read.push(Citation { id, cite: cite.unwrap_or_default(), says: says.unwrap_or_default() });
            }
            Ok(read)
        }
    }

    deserializer.deserialize_option(Rules)
}

/// The fields that all events have, except their kind.
#[derive(Deserialize)]
pub(super) struct Common {
    pub(super) id: NonZeroU64,
    pub(super) at: u64,
    pub(super) node: Option<String>,
    pub(super) cause: Option<u64>,
}

/// The kinds of events, with their fields.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Boot { incarnation: u64 },
    Crash { lost: u64, wiped: Option<bool>, restored: Option<u64> },
    Pause { suspended: Option<bool> },
    Resume {},
    Clock { drift_ppm: Option<i64>, jump_ns: Option<i64> },
    Net { partition: Option<Vec<Vec<String>>>, heal: Option<bool>, link: Option<Link> },
    Request(Traffic),
    Reply(Traffic),
    Send { msg: u64, to: String, ticket: Option<u64>, name: String },
    Deliver { msg: u64, from: String, late: Option<bool> },
    Drop { msg: u64, reason: Reason },
    Duplicate { msg: u64, copy: u64 },
    Forge { msg: u64, to: String, name: String, field: String },
    Arm { timer: String, due: u64, ticket: Option<u64> },
    Disarm { timer: String },
    Fire { timer: String, ticket: Option<u64>, gave_up: Option<bool> },
    Rule { rule: String, why: Option<String> },
    Persist { name: String },
    State {},
    Fact { name: String },
    Violation { invariant: String, detail: Option<String> },
    Note { text: String },
}

/// Where an event may happen.
pub(super) enum LaneOf {
    Node,
    NodeOrClient,
    /// `node` may be absent, too.
    Any,
}

impl Kind {
    pub(super) fn lane(&self) -> LaneOf {
        match self {
            Kind::Boot { .. } | Kind::Crash { .. } | Kind::Clock { .. } => LaneOf::Node,
            Kind::Pause { .. } | Kind::Resume {} => LaneOf::Node,
            Kind::Request(_) | Kind::Reply(_) | Kind::Persist { .. } | Kind::State {} => LaneOf::Node,
            Kind::Send { .. } | Kind::Deliver { .. } | Kind::Forge { .. } => LaneOf::NodeOrClient,
            Kind::Rule { .. } | Kind::Fact { .. } => LaneOf::NodeOrClient,
            Kind::Arm { .. } | Kind::Disarm { .. } | Kind::Fire { .. } => LaneOf::NodeOrClient,
            Kind::Net { .. } | Kind::Drop { .. } | Kind::Duplicate { .. } => LaneOf::Any,
            Kind::Violation { .. } | Kind::Note { .. } => LaneOf::Any,
        }
    }
}

/// Fields of a client's request, and of the reply.
#[derive(Deserialize)]
pub(super) struct Traffic {
    pub(super) msg: Option<u64>,
    pub(super) client: String,
    pub(super) ticket: u64,
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Link {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) up: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Reason {
    Loss,
    Partition,
    Crashed,
    Unknown,
    Script,
    Overflow,
}

impl From<Reason> for DropReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Loss => DropReason::Loss,
            Reason::Partition => DropReason::Partition,
            Reason::Crashed => DropReason::Crashed,
            Reason::Unknown => DropReason::Unknown,
            Reason::Script => DropReason::Script,
            Reason::Overflow => DropReason::Overflow,
        }
    }
}

/// The fields that may be any JSON. They are taken out by hand: nothing about them can be wrong,
/// and serde would copy them.
#[derive(Default)]
pub(super) struct Free {
    pub(super) body: Option<Value>,
    pub(super) state: Option<Value>,
    pub(super) diff: Option<Value>,
    pub(super) old: Option<Value>,
    pub(super) new: Option<Value>,
}

/// Returns the fields of the header: version and kind of the file come first, for the message.
pub(super) fn header(line: Value) -> Read<HeaderLine> {
    let Value::Object(fields) = line else { return Err(ReadProblem::NoHeader) };
    match fields.get("quorate_trace") {
        None => return Err(ReadProblem::NoHeader),
        Some(version) if version.as_u64() == Some(1) => {}
        Some(version) => return Err(ReadProblem::Version { found: quoted(version) }),
    }
    HeaderLine::deserialize(Fields::of(fields.into_iter().collect())).map_err(problem)
}

/// Returns the fields of an event.
pub(super) fn event(line: Value) -> Read<(Common, Kind, Free)> {
    let Value::Object(fields) = line else { return Err(ReadProblem::NotAnObject) };
    let tag = tag(&fields)?;
    let (mut common, mut rest, mut free) = (Vec::new(), Vec::new(), Free::default());
    for (name, value) in fields {
        match name.as_str() {
            "id" | "at" | "node" | "cause" => common.push((name, value)),
            "body" => free.body = Some(value),
            "state" => free.state = Some(value),
            "diff" => free.diff = Some(value),
            "old" => free.old = Some(value),
            "new" => free.new = Some(value),
            _ => rest.push((name, value)),
        }
    }
    let common = Common::deserialize(Fields::of(common)).map_err(problem)?;
    Ok((common, Kind::deserialize(Tagged { tag, fields: rest }).map_err(problem)?, free))
}

/// Returns the kind of an event, which must be one of the known ones.
fn tag(fields: &Object) -> Read<&'static str> {
    let (field, expected) = ("kind", expected(&["kind"]));
    match fields.get(field) {
        None | Some(Value::Null) => Err(missing(field)),
        Some(Value::String(kind)) => EventKind::KINDS.into_iter().find(|known| known == kind).ok_or_else(|| {
            let suggestion = nearest(kind, EventKind::KINDS).map(str::to_owned);
            ReadProblem::UnknownKind { found: quoted_text(kind), suggestion }
        }),
        Some(other) => Err(ReadProblem::Mistyped { field: field.to_owned(), expected, found: quoted(other) }),
    }
}

/// The problem of a field that is not there.
pub(super) fn missing(field: &str) -> ReadProblem {
    ReadProblem::Missing { field: field.to_owned(), expected: expected(&[field]) }
}

fn problem(error: TypeError) -> ReadProblem {
    let (field, expected) = (error.path(), expected(&error.steps()));
    match error.found() {
        None => ReadProblem::Missing { field, expected },
        Some(found) => ReadProblem::Mistyped { field, expected, found: found.to_owned() },
    }
}

/// Returns the content that a field must have, in words. Serde knows only the names of Rust's
/// types.
fn expected(path: &[&str]) -> &'static str {
    match path {
        ["id"] => "a whole number from 1",
        ["at" | "due"] => "nanoseconds since the start of the run",
        ["kind"] => "the kind of event, such as \"send\"",
        ["node" | "to" | "from"] | ["link", "from" | "to"] => "the name of a node or client",
        ["cause" | "restored"] => "the id of an earlier event",
        ["protocol"] => "the protocol's name",
        ["seed"] => "a whole number",
        ["nodes"] => "the list of the nodes' names, such as [\"n1\",\"n2\"]",
        ["clients"] => "a list of names, such as [\"c1\",\"c2\"]",
        ["nodes" | "clients", ..] => "a name, such as \"n1\"",
        ["rules"] => "an object of rules, such as {\"VoteGranted\":{\"cite\":\"Raft §5.2\",\"says\":\"…\"}}",
        ["rules", _] => "an object such as {\"cite\":\"Raft §5.2\",\"says\":\"…\"}",
        ["msg"] => "the number of a message",
        ["copy"] => "the number of the copy",
        ["client"] => "a client's name",
        ["ticket"] => "the number of the client's request",
        ["name"] => "the name of the payload, such as \"Prepare\"",
        ["field"] => "the path of a field of the message, such as \"accepted.value\"",
        ["late" | "heal" | "wiped" | "gave_up"] | ["link", "up"] => "true or false",
        ["reason"] => "loss, partition, crashed, unknown, script or overflow",
        ["partition"] => "a list of groups of nodes, such as [[\"n1\"],[\"n2\",\"n3\"]]",
        ["partition", "[]"] => "a group of nodes, such as [\"n2\",\"n3\"]",
        ["partition", ..] => "the name of a node",
        ["link"] => "{\"from\":…,\"to\":…,\"up\":true or false}, unless there is `partition` or `heal`",
        ["incarnation"] => "the number of the node's boots, from 1",
        ["lost"] => "the number of records that were not yet durable",
        ["drift_ppm"] => "parts per million",
        ["jump_ns"] => "nanoseconds, unless there is `drift_ppm`",
        ["timer"] => "the timer's name",
        ["rule"] => "the rule's name",
        ["why"] => "a sentence",
        ["diff"] => "a JSON merge patch to the node's view",
        ["invariant"] => "the invariant's name",
        _ => "a text",
    }
}
