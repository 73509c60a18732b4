//! Snapshot of a run between two commands: nodes, timers, messages under way, filters, invariants.

use std::collections::BTreeMap;

use quorate_protocol::{Invariant, InvariantSummary, LocalTime, NodeId, Time};

use super::assertion::timer_name;
use super::command_line::CommandLine;
use super::protocol::Protocol;
use super::scenario_run::ScenarioRun;
use super::under_way::payload_under_way;
use super::wanted::told_apart;
use crate::env::Status;
use crate::sim::{ClientMessage, UnderWay, UnderWayContent, Violation};
use crate::trace::{EventId, Payload, Value};

/// State of a run between two commands.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The time since the start of the run.
    pub now: Time,
    /// Number of events that `step` would have counted so far.
    pub steps: u64,
    /// Whether an event is scheduled, so that `step` is possible.
    pub has_next: bool,
    /// Whether messages and timers wait for commands (`pace=` on the cluster line).
    pub manual: bool,
    /// Whether nodes see the time, so that a timer cannot be fired before its time where messages
    /// and timers wait for commands.
    pub sees_time: bool,
    /// The nodes, in the order of their ids.
    pub nodes: Vec<NodeState>,
    /// The clients' names. Without named clients, that of the default client.
    pub clients: Vec<String>,
    /// The messages, requests and replies that are in flight or held, in the order of sending.
    pub under_way: Vec<MessageUnderWay>,
    /// The armed timers, node by node.
    pub timers: Vec<TimerState>,
    /// The links that deliver nothing, as sender and receiver.
    pub cuts: Vec<(String, String)>,
    /// The message filters as commands, oldest first.
    pub filters: Vec<String>,
    /// The invariants.
    pub invariants: Vec<InvariantState>,
    /// The violation that has ended the run.
    pub violation: Option<Violation>,
    /// Whether the script has said that it expects this violation.
    pub violation_expected: bool,
}

/// State of a node.
#[derive(Clone, Debug)]
pub struct NodeState {
    /// Its name.
    pub name: String,
    /// Whether it runs.
    pub status: Status,
    /// The name of its rulebook, if that is not the papers'.
    pub rules: Option<String>,
    /// Its lie, if the cluster line makes it a liar.
    pub lie: Option<String>,
    /// The lies that the cluster line can give it.
    pub lies: Vec<String>,
    /// The readings of its clocks.
    pub clock: LocalTime,
}

/// A message under way.
#[derive(Clone, Debug)]
pub struct MessageUnderWay {
    /// Its id in the trace.
    pub id: u64,
    /// The kind of message.
    pub kind: MessageKind,
    /// The sender's name.
    pub from: String,
    /// The receiver's name.
    pub to: String,
    /// Its name and content.
    pub payload: Payload,
    /// The time at which it was sent.
    pub sent: Option<Time>,
    /// The time at which it arrives; `None` if it is held.
    pub due: Option<Time>,
    /// The words that select it in an `inflight` or `deliver` command, after the verb; `None` for a
    /// node's message to itself, which arrives at once.
    pub select: Option<String>,
}

/// Kind of a message under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageKind {
    /// A message between nodes.
    Message,
    /// A client's request.
    Request,
    /// A node's reply to a client.
    Reply,
}

/// An armed timer.
#[derive(Clone, Debug)]
pub struct TimerState {
    /// The node's name.
    pub node: String,
    /// The timer's name.
    pub name: String,
    /// The time at which it was armed.
    pub armed: Option<Time>,
    /// The time at which it fires.
    pub due: Time,
}

/// State of an invariant.
#[derive(Clone, Debug)]
pub struct InvariantState {
    /// The invariant.
    pub summary: InvariantSummary,
    /// Whether it holds: it has not been broken so far.
    pub holds: bool,
}

impl Snapshot {
    /// Whether `fire` is possible for this timer: its node is up, and its time is not too early.
    pub fn can_fire(&self, timer: &TimerState) -> bool {
        let is_up = self.nodes.iter().any(|node| node.name == timer.node && node.status == Status::Up);
        is_up && (!self.manual || !self.sees_time || timer.due <= self.now)
    }

    /// Whether `inflight deliver` is possible for this message: its receiver is not down.
    pub fn can_deliver(&self, message: &MessageUnderWay) -> bool {
        let is_down = |node: &NodeState| node.name == message.to && node.status == Status::Down;
        message.select.is_some() && !self.nodes.iter().any(is_down)
    }
}

impl<P: Protocol> ScenarioRun<P> {
    /// The state of the run. Names are in scope.
    pub(super) fn look_around(&self) -> Snapshot {
        let world = &self.world;
        let broken = self.broken();
        let accepted = world.accepted();
        let holds = |name: &str| broken != Some(name) && !accepted.contains(&name);
        let summaries = world.invariants().summaries().into_iter();
        Snapshot {
            now: world.now(),
            steps: world.events(),
            has_next: world.next_at().is_some(),
            manual: self.pace.is_some(),
            sees_time: Self::SEES_TIME,
            nodes: self.ids().map(|node| self.node_state(node)).collect(),
            clients: world.names().clients().to_vec(),
            under_way: self.messages_under_way(),
            timers: self.ids().flat_map(|node| self.timers_of(node)).collect(),
            cuts: self.cuts(),
            filters: self.filters.lines(),
            invariants: summaries.map(|summary| InvariantState { holds: holds(summary.name), summary }).collect(),
            violation: self.violation.clone(),
            violation_expected: self.violation_expected,
        }
    }

    fn ids(&self) -> impl Iterator<Item = NodeId> + use<P> {
        (0..self.world.names().nodes().len() as u32).map(NodeId)
    }

    fn node_state(&self, node: NodeId) -> NodeState {
        let rules = match self.own_rules.get(&node) {
            Some(own) => own.clone(),
            None => self.cluster_rules.map(str::to_owned),
        };
        let config = self.world.context(node).config;
        NodeState {
            name: node.to_string(),
            status: self.world.status(node).unwrap_or(Status::Down),
            rules,
            lie: P::lie(config),
            lies: P::lies(config, node),
            clock: self.world.clock(node).unwrap_or_default(),
        }
    }

    fn timers_of(&self, node: NodeId) -> impl Iterator<Item = TimerState> {
        self.world.armed_by(node).map(move |(timer, due, armed)| TimerState {
            node: node.to_string(),
            name: timer_name(timer),
            armed: self.time_of(armed),
            due,
        })
    }

    fn cuts(&self) -> Vec<(String, String)> {
        let pairs = self.ids().flat_map(|from| self.ids().map(move |to| (from, to)));
        let cut = pairs.filter(|(from, to)| self.world.is_cut(*from, *to));
        cut.map(|(from, to)| (from.to_string(), to.to_string())).collect()
    }

    fn time_of(&self, event: Option<EventId>) -> Option<Time> {
        Some(self.world.recording()?.get(event?)?.at)
    }

    fn messages_under_way(&self) -> Vec<MessageUnderWay> {
        let all = self.world.under_way();
        let payloads: Vec<Payload> = all.iter().map(payload_under_way).collect();
        let mut older: BTreeMap<_, Vec<&Value>> = BTreeMap::new();
        let mut states = Vec::with_capacity(all.len());
        for (each, payload) in all.iter().zip(&payloads) {
            let same = older.entry((each.from, each.to, &payload.name)).or_default();
            states.push(self.message_state(each, payload, same));
            same.push(&payload.body);
        }
        states
    }

    fn message_state(&self, each: &UnderWay<'_, P::Machine>, payload: &Payload, older: &[&Value]) -> MessageUnderWay {
        let kind = match each.content {
            UnderWayContent::Message(_) => MessageKind::Message,
            UnderWayContent::Client(ClientMessage::Request(_)) => MessageKind::Request,
            UnderWayContent::Client(ClientMessage::Reply(_)) => MessageKind::Reply,
        };
        let selected = || {
            let ends = CommandLine::new(each.from.to_string()).word(each.to).word(&payload.name);
            told_apart(ends, older, &payload.body).to_string()
        };
        MessageUnderWay {
            id: each.msg.0,
            kind,
            from: each.from.to_string(),
            to: each.to.to_string(),
            payload: payload.clone(),
            sent: self.time_of(each.sent),
            due: each.due,
            select: (each.from != each.to).then(selected),
        }
    }
}
