//! Translation of Raft runs to steps of `docs/specs/Raft.tla`.
//!
//! Messages are in a table, and steps refer to them by position. Messages with equal content are
//! the same message. After its last delivery a message may be forgotten, so that TLC need not keep
//! it.

mod messages;
mod observed;

use std::collections::BTreeSet;

use quorate_protocol::NodeId;

use self::messages::Messages;
use super::reading::{Place, Reading, node, number_of};
use super::text::Expr;
use super::{Run, TlaError, step};
use crate::trace::{Event, EventId, EventKind, Lane, Payload, Value, without_nulls};

type Parameters = Vec<(&'static str, Expr)>;

/// Translates a run to steps.
pub(super) fn translate(reading: Reading<'_>) -> Result<Run, TlaError> {
    let mut raft = Translator::new(reading)?;
    for (index, event) in raft.reading.document.events.iter().enumerate() {
        raft.take(index, event)?;
    }
    let Translator { first, disks, configurations, messages, steps, servers, .. } = raft;
    let cluster = Expr::Record(vec![
        ("servers", Expr::set(servers)),
        ("first", first),
        ("configurations", Expr::Function(configurations)),
    ]);
    let constants =
        vec![("cluster", cluster), ("disks", Expr::Function(disks)), ("messages", Expr::Tuple(messages.into_table()))];
    Ok(Run { constants, steps })
}

struct Translator<'a> {
    reading: Reading<'a>,
    servers: Vec<u64>,
    /// Initial configuration of all servers.
    first: Expr,
    /// Initial contents of the disks.
    disks: Vec<(u64, Expr)>,
    /// Values that are configurations.
    configurations: Vec<(u64, Expr)>,
    messages: Messages,
    /// Leaders, according to their own steps.
    leads: BTreeSet<NodeId>,
    steps: Vec<Expr>,
}

impl<'a> Translator<'a> {
    fn new(reading: Reading<'a>) -> Result<Self, TlaError> {
        let mut raft = Translator {
            messages: Messages::default(),
            servers: (1..=reading.document.header.nodes.len() as u64).collect(),
            reading,
            first: Expr::Set(Vec::new()),
            disks: Vec::new(),
            configurations: Vec::new(),
            leads: BTreeSet::new(),
            steps: Vec::new(),
        };
        for (event, node, view) in raft.reading.first_boots() {
            raft.first_boot(event, node, view)?;
        }
        for at in raft.servers.clone() {
            if !raft.disks.iter().any(|(node, _)| *node == at) {
                raft.disks.push((at, disk(0, 0, Vec::new())));
            }
        }
        for index in 0..raft.reading.document.events.len() {
            raft.note_arrival(index)?;
        }
        Ok(raft)
    }

    /// Records the initial state of a node. A view shows the end of a log; a longer log is not
    /// shown completely.
    fn first_boot(&mut self, event: EventId, node: NodeId, view: &Value) -> Result<(), TlaError> {
        let place = self.reading.at(event);
        let log: Vec<Expr> = match view["log"].as_object() {
            None => Vec::new(),
            Some(entries) => {
                if entries.keys().next().is_some_and(|first| first != "1") {
                    return Err(place.unreadable("a log that the first view of the node shows whole"));
                }
                entries.values().map(|entry| self.entry(event, entry)).collect::<Result<_, _>>()?
            }
        };
        let vote = if view["vote"].is_null() { 0 } else { place.node(view, "vote")? };
        self.disks.push((number_of(node), disk(place.number(view, "term")?, vote, log)));
        if matches!(self.first, Expr::Set(_)) {
            self.first = configuration(place, &view["membership"])?;
        }
        Ok(())
    }

    /// Records the delivery of a message; the last one counts.
    fn note_arrival(&mut self, index: usize) -> Result<(), TlaError> {
        let event = &self.reading.document.events[index];
        if let Some(letter) = self.reading.delivered(event)
            && let Some(content) = self.content(event.id, letter.from, letter.to, letter.payload)?
        {
            self.messages.arrives(content, index);
        }
        Ok(())
    }

    fn take(&mut self, index: usize, event: &Event) -> Result<(), TlaError> {
        let Some(Lane::Node(at)) = event.lane else { return Ok(()) };
        self.forget(index, event, at);
        match &event.what {
            EventKind::Crash { wiped, .. } => {
                self.leads.remove(&at);
                self.push(event, if *wiped { "LoseDisk" } else { "Restart" }, at, vec![]);
            }
            EventKind::Deliver { .. } => self.received(event, at)?,
            EventKind::Persist(payload) => self.written(event, at, payload)?,
            EventKind::Send { to: Lane::Node(to), payload, .. } => self.sent(index, event, (at, *to), payload)?,
            EventKind::Fact(payload) if payload.name == "LeaderElected" => {
                self.leads.insert(at);
                let term = self.reading.at(event.id).number(&payload.body, "term")?;
                self.push(event, "BecomeLeader", at, vec![("term", Expr::Number(term))]);
            }
            EventKind::Fact(payload) if payload.name == "Committed" && !self.goes_on(index) => {
                self.committed(event, at, payload)?
            }
            EventKind::Boot { .. } | EventKind::State { .. } => self.seen(event, at)?,
            _ => {}
        }
        Ok(())
    }

    /// Before a step, forgets messages that will not be delivered again.
    fn forget(&mut self, index: usize, event: &Event, at: NodeId) {
        if matches!(event.what, EventKind::Deliver { .. } | EventKind::Fire { .. } | EventKind::Request { .. }) {
            let dead = self.messages.take_dead(index);
            if !dead.is_empty() {
                self.push(event, "Forget", at, vec![("messages", Expr::set(dead))]);
            }
        }
    }

    fn push(&mut self, event: &Event, action: &'static str, at: NodeId, parameters: Parameters) {
        let parameters = std::iter::once(("node", node(at))).chain(parameters).collect();
        self.steps.push(step(event.id, action, parameters));
    }

    /// Whether a commit is part of a larger one in the same step: the facts of one step are
    /// consecutive.
    fn goes_on(&self, index: usize) -> bool {
        let events = &self.reading.document.events;
        let same_step = |event: &&Event| event.lane == events[index].lane && event.cause == events[index].cause;
        let later = events[index + 1..].iter().take_while(same_step);
        let mut facts = later.map_while(|event| match &event.what {
            EventKind::Fact(payload) => Some(payload.name.as_str()),
            _ => None,
        });
        facts.any(|name| name == "Committed")
    }

    fn received(&mut self, event: &Event, at: NodeId) -> Result<(), TlaError> {
        let Some(letter) = self.reading.delivered(event) else { return Ok(()) };
        let action = match letter.payload.name.as_str() {
            "VoteGranted" => "ReceiveVote",
            "Appended" => "ReceiveAck",
            _ => return Ok(()),
        };
        let message = self.trigger_of(event.id, Some(letter))?;
        self.push(event, action, at, vec![("message", message)]);
        Ok(())
    }

    /// Position of the message whose delivery caused an event; 0 if the specification does not know
    /// it.
    fn trigger(&mut self, event: &Event) -> Result<Expr, TlaError> {
        let letter = self.reading.trigger(event);
        self.trigger_of(event.id, letter)
    }

    fn trigger_of(
        &mut self,
        event: EventId,
        letter: Option<super::reading::SentMessage<'_>>,
    ) -> Result<Expr, TlaError> {
        let Some(letter) = letter else { return Ok(Expr::Number(0)) };
        let content = self.content(event, letter.from, letter.to, letter.payload)?;
        Ok(Expr::Number(content.map_or(0, |content| self.messages.place(content))))
    }

    fn written(&mut self, event: &Event, at: NodeId, payload: &Payload) -> Result<(), TlaError> {
        let place = self.reading.at(event.id);
        let body = &payload.body;
        match payload.name.as_str() {
            "Term" => {
                self.leads.remove(&at);
                let term = place.number(body, "term")?;
                self.push(event, "NewTerm", at, vec![("term", Expr::Number(term))]);
            }
            "Vote" => {
                let candidate = place.node(body, "candidate")?;
                if candidate == number_of(at) {
                    self.push(event, "Stand", at, vec![]);
                } else {
                    self.push(event, "Vote", at, vec![("candidate", Expr::Number(candidate))]);
                }
            }
            "Append" => {
                let previous = Expr::Number(place.number(body, "previous")?);
                let entries = Expr::Tuple(self.entries(event.id, &body["entries"])?);
                let mut parameters = vec![("previous", previous), ("entries", entries)];
                let action = if self.leads.contains(&at) { "AppendOwn" } else { "Store" };
                if action == "Store" {
                    parameters.push(("message", self.trigger(event)?));
                }
                self.push(event, action, at, parameters);
            }
            "Truncate" => {
                let from = Expr::Number(place.number(body, "from")?);
                let message = self.trigger(event)?;
                self.push(event, "Truncate", at, vec![("from", from), ("message", message)]);
            }
            "Snapshot" => self.snapshot_written(event, at, &body["snapshot"])?,
            _ => return Err(place.unreadable("a record of Term, Vote, Append, Truncate or Snapshot")),
        }
        Ok(())
    }

    /// Translates a snapshot: the server's own, or the one just received from the leader.
    fn snapshot_written(&mut self, event: &Event, at: NodeId, snapshot: &Value) -> Result<(), TlaError> {
        let place = self.reading.at(event.id);
        let last = position(place, &snapshot["last"])?;
        let members = configuration(place, &snapshot["membership"])?;
        let arrived = self.reading.trigger(event).filter(|letter| {
            letter.payload.name == "InstallSnapshot" && letter.payload.body["last"] == snapshot["last"]
        });
        let mut parameters = vec![("last", last), ("members", members)];
        if arrived.is_some() {
            parameters.push(("message", self.trigger(event)?));
        }
        self.push(event, if arrived.is_some() { "Install" } else { "TakeSnapshot" }, at, parameters);
        Ok(())
    }

    fn committed(&mut self, event: &Event, at: NodeId, payload: &Payload) -> Result<(), TlaError> {
        let index = Expr::Number(self.reading.at(event.id).number(&payload.body, "index")?);
        let entry = self.entry(event.id, &payload.body)?;
        let mut parameters = vec![("index", index), ("entry", entry)];
        let action = if self.leads.contains(&at) { "LeaderCommit" } else { "FollowerCommit" };
        if action == "FollowerCommit" {
            parameters.push(("message", self.trigger(event)?));
        }
        self.push(event, action, at, parameters);
        Ok(())
    }

    fn sent(
        &mut self,
        index: usize,
        event: &Event,
        (from, to): (NodeId, NodeId),
        payload: &Payload,
    ) -> Result<(), TlaError> {
        let Some(content) = self.content(event.id, from, to, payload)? else { return Ok(()) };
        let action = match payload.name.as_str() {
            "RequestVote" => "SendRequestVote",
            "VoteGranted" => "SendVote",
            "AppendEntries" => "SendAppend",
            "Appended" => "SendAck",
            "InstallSnapshot" => "SendSnapshot",
            _ => "SendWord",
        };
        let place = self.messages.leaves(content, index);
        let mut parameters = vec![("message", Expr::Number(place))];
        match action {
            "SendAck" => parameters.push(("request", self.trigger(event)?)),
            "SendSnapshot" => {
                let members = configuration(self.reading.at(event.id), &payload.body["membership"])?;
                parameters.push(("members", members));
            }
            _ => {}
        }
        self.push(event, action, from, parameters);
        Ok(())
    }

    fn entries(&mut self, event: EventId, json: &Value) -> Result<Vec<Expr>, TlaError> {
        let entries = json.as_array().map(Vec::as_slice).unwrap_or_default();
        entries.iter().map(|entry| self.entry(event, entry)).collect()
    }

    /// An entry: its term, and the number of its content.
    fn entry(&mut self, event: EventId, json: &Value) -> Result<Expr, TlaError> {
        let place = self.reading.at(event);
        // Views omit nulls, entries in messages do not.
        let payload = |field: &&str| without_nulls(json[*field].clone()).to_string();
        let asks: Vec<String> = ["command", "membership", "ticket"].iter().map(payload).collect();
        let value = self.reading.value(&asks.join(" "));
        if json["membership"].is_object() && !self.configurations.iter().any(|(known, _)| *known == value) {
            self.configurations.push((value, configuration(place, &json["membership"])?));
        }
        Ok(Expr::pair(place.number(json, "term")?, value))
    }
}

fn disk(term: u64, vote: u64, log: Vec<Expr>) -> Expr {
    Expr::Record(vec![("term", Expr::Number(term)), ("vote", Expr::Number(vote)), ("log", Expr::Tuple(log))])
}

/// Position of an entry: its term, then its index.
fn position(place: Place<'_>, json: &Value) -> Result<Expr, TlaError> {
    Ok(Expr::pair(place.number(json, "term")?, place.number(json, "index")?))
}

fn configuration(place: Place<'_>, json: &Value) -> Result<Expr, TlaError> {
    let set = |field| Ok::<_, TlaError>(Expr::set(place.nodes(json, field)?));
    Ok(Expr::Record(vec![("voters", set("voters")?), ("outgoing", set("outgoing")?), ("learners", set("learners")?)]))
}
