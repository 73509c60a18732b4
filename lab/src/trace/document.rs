//! The document: a trace in the protocol-independent form that every renderer reads.
//!
//! A [`Recording`](super::Recording) holds its machine's types; a document holds names and JSON
//! bodies. It is the result of [`Recording::document`](super::Recording::document), the content of
//! [a trace file](Document::read_jsonl), and all that is needed to draw a run. `docs/TRACE.md`
//! describes each field.

use std::borrow::Cow;

use super::{DropReason, EventId, Forgery, Lane, MessageId, Value};
use quorate_protocol::{ClientId, NodeId, Time};

/// A complete trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Description of the run.
    pub header: Header,
    /// Events of the run, with strictly increasing ids and times that never decrease.
    pub events: Vec<Event>,
}

/// Description of a run: the first line of a trace file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The protocol, e.g. `raft`.
    pub protocol: String,
    /// One-line description of the run; may be empty.
    pub title: String,
    /// Seed that reproduces the run, if it has one.
    pub seed: Option<u64>,
    /// Names of the nodes, in the order of their ids.
    pub nodes: Vec<String>,
    /// Names of the clients, in the order of their ids.
    pub clients: Vec<String>,
    /// Rules that the events may cite, in the order of the paper.
    pub rules: Vec<Citation>,
}

/// Description of a rule in the header, see [`Rule`](quorate_protocol::Rule).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// Name that the events use.
    pub id: String,
    /// Paper and section.
    pub cite: String,
    /// One-line summary of the rule.
    pub says: String,
}

impl Header {
    /// Name of a node or client. One that the header does not list is named after its position,
    /// `n1` or `c1`.
    pub fn name(&self, lane: Lane) -> Cow<'_, str> {
        let listed = match lane {
            Lane::Node(node) => self.nodes.get(node.index()),
            Lane::Client(client) => self.clients.get(client.index()),
        };
        match (listed, lane) {
            (Some(name), _) => Cow::Borrowed(name),
            (None, Lane::Node(NodeId(index))) => Cow::Owned(format!("n{}", u64::from(index) + 1)),
            (None, Lane::Client(ClientId(index))) => Cow::Owned(format!("c{}", u64::from(index) + 1)),
        }
    }

    /// All nodes, then all clients.
    pub fn lanes(&self) -> impl Iterator<Item = Lane> + use<> {
        let nodes = (0..self.nodes.len() as u32).map(|index| Lane::Node(NodeId(index)));
        let clients = (0..self.clients.len() as u32).map(|index| Lane::Client(ClientId(index)));
        nodes.chain(clients)
    }
}

/// One event of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Id of the event.
    pub id: EventId,
    /// Time since the start of the run.
    pub at: Time,
    /// Node or client concerned; `None` for an event of the network or the whole run.
    pub lane: Option<Lane>,
    /// Earlier event that caused it; `None` for an injected event.
    pub cause: Option<EventId>,
    /// Kind of event, with its data.
    pub what: EventKind,
}

/// Name and payload of a message, a command, a fact or a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Payload {
    /// Name, e.g. `Prepare`.
    pub name: String,
    /// Payload, e.g. `{"ballot":"2.A"}`; null if there is none.
    pub body: Value,
}

/// Kind of event, with its data.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// `boot`: the node started.
    Boot {
        /// Number of starts so far, from 1.
        incarnation: u64,
        /// Complete view of the node, if the producer records views.
        state: Option<Value>,
    },
    /// `crash`: the node crashed.
    Crash {
        /// Number of records that were not yet durable and were lost.
        lost: u64,
        /// Whether the whole disk was lost too.
        wiped: bool,
        /// Event after which the disk was as it is again: the crash put back an older copy of it.
        restored: Option<EventId>,
    },
    /// `pause`: the node stops processing input but keeps its memory.
    Pause,
    /// `pause`: the node's machine is suspended, and its monotonic clock stands still.
    Suspend,
    /// `resume`: the node continues after a pause or a suspension.
    Resume,
    /// `clock`: the rate of the node's clock changed.
    Drift {
        /// Drift in parts per million; positive is fast, negative is slow.
        ppm: i64,
    },
    /// `clock`: the node's wall clock was set.
    Jump {
        /// Difference in nanoseconds.
        nanos: i64,
    },
    /// `net`: the network was partitioned.
    Partition {
        /// Groups of nodes that can still reach each other.
        groups: Vec<Vec<NodeId>>,
    },
    /// `net`: the partition ended.
    Heal,
    /// `net`: one direction between two nodes was cut or restored.
    Link {
        /// Sender side of the link.
        from: NodeId,
        /// Receiver side of the link.
        to: NodeId,
        /// Whether messages get through.
        up: bool,
    },
    /// `request`: a client's request arrives at the node.
    Request {
        /// Message that carried it, if the trace shows the client sending it.
        msg: Option<MessageId>,
        /// The client.
        client: ClientId,
        /// Number of the request, counted per client.
        ticket: u64,
        /// Command of the request.
        payload: Payload,
    },
    /// `reply`: the node replies to a client.
    Reply {
        /// Message that carries the reply, if the trace shows it arriving.
        msg: Option<MessageId>,
        /// The client.
        client: ClientId,
        /// Number of the client's request that is answered.
        ticket: u64,
        /// The reply.
        payload: Payload,
    },
    /// `send`: a message is sent.
    Send {
        /// The message.
        msg: MessageId,
        /// Recipient.
        to: Lane,
        /// Number of the request, if a client sends it.
        ticket: Option<u64>,
        /// Content of the message.
        payload: Payload,
    },
    /// `deliver`: a message arrives.
    Deliver {
        /// The message.
        msg: MessageId,
        /// Sender.
        from: Lane,
        /// Whether it is a reply that the client no longer waits for.
        late: bool,
    },
    /// `drop`: a message will never arrive.
    Drop {
        /// The message.
        msg: MessageId,
        /// Reason for the loss.
        reason: DropReason,
    },
    /// `duplicate`: the network duplicates a message.
    Duplicate {
        /// The message.
        msg: MessageId,
        /// The duplicate.
        copy: MessageId,
    },
    /// `forge`: the sender lies in one field of a message.
    Forge(Box<Forgery>),
    /// `arm`: a timer starts.
    Arm {
        /// Name of the timer.
        timer: String,
        /// Time of expiry.
        due: Time,
        /// Number of the request that a client waits for.
        ticket: Option<u64>,
    },
    /// `disarm`: a timer is stopped.
    Disarm {
        /// Name of the timer.
        timer: String,
    },
    /// `fire`: a timer expires.
    Fire {
        /// Name of the timer.
        timer: String,
        /// Number of the request that a client waited for.
        ticket: Option<u64>,
        /// Whether the client gives up; otherwise it retries.
        gave_up: bool,
    },
    /// `rule`: a rule fired.
    Rule {
        /// Name of the rule, which the header may explain.
        rule: String,
        /// Explanation with the actual values; empty if the rule says enough.
        why: String,
    },
    /// `persist`: a durable write.
    Persist(Payload),
    /// `state`: the node's view changed.
    State {
        /// A JSON merge patch (RFC 7386) to the view so far, see [`apply`](super::apply).
        diff: Value,
    },
    /// `fact`: a fact was established.
    Fact(Payload),
    /// `violation`: an invariant was violated.
    Violation {
        /// Name of the invariant.
        invariant: String,
        /// One sentence with the contradictory values.
        detail: String,
    },
    /// `note`: narration of a scenario.
    Note {
        /// Text of the narration.
        text: String,
    },
}

impl EventKind {
    /// All kinds of events, by the value of the `kind` field.
    pub const KINDS: [&'static str; 22] = [
        "boot",
        "crash",
        "pause",
        "resume",
        "clock",
        "net",
        "request",
        "reply",
        "send",
        "deliver",
        "drop",
        "duplicate",
        "forge",
        "arm",
        "disarm",
        "fire",
        "rule",
        "persist",
        "state",
        "fact",
        "violation",
        "note",
    ];

    /// Value of the `kind` field.
    pub const fn kind(&self) -> &'static str {
        match self {
            EventKind::Boot { .. } => "boot",
            EventKind::Crash { .. } => "crash",
            EventKind::Pause | EventKind::Suspend => "pause",
            EventKind::Resume => "resume",
            EventKind::Drift { .. } | EventKind::Jump { .. } => "clock",
            EventKind::Partition { .. } | EventKind::Heal | EventKind::Link { .. } => "net",
            EventKind::Request { .. } => "request",
            EventKind::Reply { .. } => "reply",
            EventKind::Send { .. } => "send",
            EventKind::Deliver { .. } => "deliver",
            EventKind::Drop { .. } => "drop",
            EventKind::Duplicate { .. } => "duplicate",
            EventKind::Forge(_) => "forge",
            EventKind::Arm { .. } => "arm",
            EventKind::Disarm { .. } => "disarm",
            EventKind::Fire { .. } => "fire",
            EventKind::Rule { .. } => "rule",
            EventKind::Persist(_) => "persist",
            EventKind::State { .. } => "state",
            EventKind::Fact(_) => "fact",
            EventKind::Violation { .. } => "violation",
            EventKind::Note { .. } => "note",
        }
    }
}
