//! The document: a trace in the general form that every rendering reads, whoever produced it.
//!
//! A [`Recording`](super::Recording) knows its machine's types; a document knows names and JSON bodies. It is what
//! [`Recording::document`](super::Recording::document) gives, what [a file](Document::read_jsonl) holds, and all that
//! a picture of a run needs. `docs/TRACE.md` describes it field by field.

use std::borrow::Cow;

use quorate_protocol::{ClientId, NodeId, Time};
use serde_json::Value;

use super::{DropReason, EventId, Lane, MessageId};

/// A whole trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// What the run was.
    pub header: Header,
    /// What happened, with strictly increasing ids and times that never go backwards.
    pub events: Vec<Event>,
}

/// What a run was: the first line of a trace file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The protocol, e.g. `raft`.
    pub protocol: String,
    /// One line about the run; may be empty.
    pub title: String,
    /// The seed that repeats the run, if it has one.
    pub seed: Option<u64>,
    /// The nodes' names, in the order of their ids.
    pub nodes: Vec<String>,
    /// The clients' names, in the order of their ids.
    pub clients: Vec<String>,
    /// The rules that the events may cite, in the order of the paper.
    pub rules: Vec<Citation>,
}

/// A rule as a header explains it, see [`Rule`](quorate_protocol::Rule).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The name that the events use.
    pub id: String,
    /// Paper and section.
    pub cite: String,
    /// The rule in one line.
    pub says: String,
}

impl Header {
    /// What the node or client is called. One that the header does not list has the name of its position, `n1` or `c1`.
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

    /// Every node, then every client.
    pub fn lanes(&self) -> impl Iterator<Item = Lane> + use<> {
        let nodes = (0..self.nodes.len() as u32).map(|index| Lane::Node(NodeId(index)));
        let clients = (0..self.clients.len() as u32).map(|index| Lane::Client(ClientId(index)));
        nodes.chain(clients)
    }
}

/// One event of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its number.
    pub id: EventId,
    /// When, since the start of the run.
    pub at: Time,
    /// To whom; `None` for what concerns the network or the whole run.
    pub lane: Option<Lane>,
    /// The earlier event that made it happen; `None` for what was injected.
    pub cause: Option<EventId>,
    /// What.
    pub what: What,
}

/// Something that has a name and perhaps content: a message, a command, a fact, a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// What it is called, e.g. `Prepare`.
    pub name: String,
    /// What it says, e.g. `{"ballot":"2.A"}`; null if the name says it all.
    pub body: Value,
}

/// What happened: one variant for each kind of event.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// `boot`: the node started.
    Boot {
        /// How often it has started so far, from 1.
        incarnation: u64,
        /// Its whole view, if the producer shows views.
        state: Option<Value>,
    },
    /// `crash`: the node went down.
    Crash {
        /// How many records were not yet durable and are gone.
        lost: u64,
        /// Whether its whole disk is gone too.
        wiped: bool,
    },
    /// `pause`: the node stops taking inputs but keeps its memory.
    Pause,
    /// `resume`: the node goes on after a pause.
    Resume,
    /// `clock`: the node's clock has a new rate.
    Drift {
        /// Parts per million that it is fast, or slow if negative.
        ppm: i64,
    },
    /// `clock`: the node's wall clock was set.
    Jump {
        /// By so many nanoseconds.
        nanos: i64,
    },
    /// `net`: the network fell apart.
    Partition {
        /// Nodes that still reach each other.
        groups: Vec<Vec<NodeId>>,
    },
    /// `net`: the network is whole again.
    Heal,
    /// `net`: one direction between two nodes was cut or restored.
    Link {
        /// Where messages come from.
        from: NodeId,
        /// Where they go.
        to: NodeId,
        /// Whether they pass.
        up: bool,
    },
    /// `request`: a client's request arrives at the node.
    Request {
        /// The message that brought it, if the trace shows the client sending it.
        msg: Option<MessageId>,
        /// The client.
        client: ClientId,
        /// The client's count of its requests.
        ticket: u64,
        /// What is asked for.
        said: Said,
    },
    /// `reply`: the node answers a client.
    Reply {
        /// The message that carries the answer, if the trace shows it arriving.
        msg: Option<MessageId>,
        /// The client.
        client: ClientId,
        /// Which of its requests is answered.
        ticket: u64,
        /// The answer.
        said: Said,
    },
    /// `send`: a message leaves.
    Send {
        /// The message.
        msg: MessageId,
        /// Who should get it.
        to: Lane,
        /// Which of its requests a client sends.
        ticket: Option<u64>,
        /// What it says.
        said: Said,
    },
    /// `deliver`: a message arrives.
    Deliver {
        /// The message.
        msg: MessageId,
        /// Who sent it.
        from: Lane,
        /// Whether it is an answer that the client no longer waits for.
        late: bool,
    },
    /// `drop`: a message will never arrive.
    Drop {
        /// The message.
        msg: MessageId,
        /// What became of it.
        reason: DropReason,
    },
    /// `duplicate`: the network repeats a message.
    Duplicate {
        /// The message.
        msg: MessageId,
        /// Its repetition.
        copy: MessageId,
    },
    /// `arm`: a timer starts.
    Arm {
        /// Which one.
        timer: String,
        /// When it will run out.
        due: Time,
        /// Which of its requests a client waits for.
        ticket: Option<u64>,
    },
    /// `disarm`: a timer is stopped.
    Disarm {
        /// Which one.
        timer: String,
    },
    /// `fire`: a timer runs out.
    Fire {
        /// Which one.
        timer: String,
        /// Which of its requests a client waited for.
        ticket: Option<u64>,
        /// Whether the client gives up; otherwise it asks again.
        gave_up: bool,
    },
    /// `rule`: a rule fired.
    Rule {
        /// Its name, which the header may explain.
        rule: String,
        /// The sentence with the live values; empty if the rule says it all.
        why: String,
    },
    /// `persist`: a durable write.
    Persist(Said),
    /// `state`: the node's view has changed.
    State {
        /// A JSON merge patch (RFC 7386) to the view so far, see [`apply`](super::apply).
        diff: Value,
    },
    /// `fact`: something has become true.
    Fact(Said),
    /// `violation`: an invariant no longer holds.
    Violation {
        /// Which one.
        invariant: String,
        /// One sentence with the values that contradict each other.
        detail: String,
    },
    /// `note`: a scenario's narration.
    Note {
        /// The narration.
        text: String,
    },
}

impl What {
    /// Every kind of event, by the word in its `kind` field.
    pub const KINDS: [&'static str; 21] = [
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

    /// The word in the `kind` field.
    pub const fn kind(&self) -> &'static str {
        match self {
            What::Boot { .. } => "boot",
            What::Crash { .. } => "crash",
            What::Pause => "pause",
            What::Resume => "resume",
            What::Drift { .. } | What::Jump { .. } => "clock",
            What::Partition { .. } | What::Heal | What::Link { .. } => "net",
            What::Request { .. } => "request",
            What::Reply { .. } => "reply",
            What::Send { .. } => "send",
            What::Deliver { .. } => "deliver",
            What::Drop { .. } => "drop",
            What::Duplicate { .. } => "duplicate",
            What::Arm { .. } => "arm",
            What::Disarm { .. } => "disarm",
            What::Fire { .. } => "fire",
            What::Rule { .. } => "rule",
            What::Persist(_) => "persist",
            What::State { .. } => "state",
            What::Fact(_) => "fact",
            What::Violation { .. } => "violation",
            What::Note { .. } => "note",
        }
    }
}
