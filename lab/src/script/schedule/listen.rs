//! Extraction of a schedule from a recording: the moves in a trace, and the move that sent each
//! message.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{ClientId, Machine, Names, NodeId, RequestId, Time};

use super::{Action, ClientMode, ExportError, MessageKey, Move, Schedule};
use crate::env::CrashPoint;
use crate::script::assertion::timer_name;
use crate::script::command_line::CommandLine;
use crate::script::protocol::Registry;
use crate::trace::{EventId, Lane, MessageId, Recorded, Recording, TypedEvent, variant};

impl Schedule {
    /// The moves of a recorded run, for a cluster line that sets up the same cluster; its nodes
    /// need the same names, but not the same order.
    ///
    /// `phrase` returns a client's request as a command of the protocol's scenarios. Names are in
    /// scope.
    ///
    /// # Errors
    /// [`ExportError`]: no invariant broke in the run, or something in it has no command.
    pub fn transcribe<M: Machine>(
        recording: &Recording<M>,
        cluster: CommandLine,
        registry: &Registry,
        mut phrase: impl FnMut(NodeId, &M::Command) -> Result<CommandLine, String>,
    ) -> Result<Self, ExportError> {
        let run = registry.start(&cluster, false).map_err(ExportError::Cluster)?;
        let (theirs, ours) = (&recording.run_info().names, run.names());
        let mut listener = Listener { ids: same_names(theirs, &ours)?, ..Listener::default() };
        let mut broken = None;
        for (id, event) in recording.iter() {
            if let TypedEvent::Violation(violation) = &event.what {
                broken = Some(violation.invariant.to_owned());
                break;
            }
            theirs.scope(|| listener.hear(id, &event, &mut phrase))?;
        }
        let invariant = broken.ok_or(ExportError::Unbroken)?;
        let moves = listener.conclude();
        let voices = if asks_twice(&moves) { ClientMode::Clients } else { ClientMode::One };
        let names = Names::new(ours.nodes().to_vec(), theirs.clients().to_vec());
        Ok(Schedule { cluster, names, moves, invariant, timed: run.sees_time(), voices, named: false })
    }
}

/// The node ids of the scenario, in the order of the recorded run's nodes.
fn same_names(theirs: &Names, ours: &Names) -> Result<Vec<NodeId>, ExportError> {
    let missing = |name: &String| ExportError::Unsaid {
        what: format!("node {name} takes part in the run, but the cluster line does not name it; add it there"),
    };
    theirs.nodes().iter().map(|name| ours.node(name).ok_or_else(|| missing(name))).collect()
}

/// Whether a request is made more than once.
fn asks_twice(moves: &[Move]) -> bool {
    let mut asked = BTreeSet::new();
    moves.iter().any(|each| match each.what {
        Action::Ask { client, number, .. } => !asked.insert((client, number)),
        _ => false,
    })
}

/// Collects moves from a recording, event by event.
#[derive(Default)]
struct Listener {
    /// The scenario's ids of the run's nodes.
    ids: Vec<NodeId>,
    moves: Vec<Move>,
    last_id: u32,
    /// The move that each step belongs to, by the event that triggered it.
    roots: BTreeMap<EventId, u32>,
    /// The messages, each with its name in traces.
    messages: BTreeMap<MessageId, (MessageKey, Option<&'static str>)>,
    sent: BTreeMap<(u32, NodeId, NodeId), u32>,
    /// The machines that are suspended.
    suspended: BTreeSet<NodeId>,
    /// The latest step of each node.
    steps: BTreeMap<NodeId, Step>,
}

/// The recorded effects of a step.
#[derive(Clone, Copy, Debug)]
struct Step {
    root: u32,
    at: Time,
    persisted: u32,
    sent: u32,
    /// Whether the node showed a new state afterwards, so that it was not cut short.
    ended: bool,
}

impl Listener {
    fn hear<M: Machine>(
        &mut self,
        id: EventId,
        event: &Recorded<M>,
        phrase: &mut impl FnMut(NodeId, &M::Command) -> Result<CommandLine, String>,
    ) -> Result<(), ExportError> {
        let Some(Lane::Node(theirs)) = event.lane else { return Ok(()) };
        let Some(&node) = self.ids.get(theirs.index()) else { return Ok(()) };
        let at = event.at;
        match &event.what {
            TypedEvent::Boot { incarnation, .. } => {
                let root = if *incarnation > 1 { self.add(at, node, Action::Restart) } else { 0 };
                self.begin(id, node, root, at);
            }
            TypedEvent::Crash { restored: Some(_), .. } => {
                let what = format!("the disk of {theirs} is restored from a backup, which no schedule can say");
                return Err(ExportError::Unsaid { what });
            }
            TypedEvent::Request { ticket: RequestId { client, number }, command, .. } => {
                let request = phrase(theirs, command).map_err(|what| ExportError::Unsaid { what })?;
                let root = self.add(at, node, Action::Ask { client: *client, number: *number, request });
                self.begin(id, node, root, at);
            }
            TypedEvent::Deliver { msg, .. } => {
                let Some(&(message, name)) = self.messages.get(msg) else { return Ok(()) };
                // A node's message to itself belongs to the move that sent it.
                let own = message.from == node;
                let root =
                    if own { message.by } else { self.add(at, node, Action::Deliver { message, name, again: false }) };
                self.begin(id, node, root, at);
            }
            TypedEvent::Fire { timer } => {
                let root = self.add(at, node, Action::Fire { timer: timer_name(timer) });
                self.begin(id, node, root, at);
            }
            TypedEvent::Send { msg, to, message } => self.send(*msg, event.cause, (node, *to), variant(message)),
            TypedEvent::Duplicate { msg, copy } => {
                if let Some(&message) = self.messages.get(msg) {
                    self.messages.insert(*copy, message);
                }
            }
            TypedEvent::Forge(forgery) => {
                let name = forgery.name_before();
                let what = format!("{theirs} lies in a message {name} to {}, which no schedule can say", forgery.to);
                return Err(ExportError::Unsaid { what });
            }
            TypedEvent::Persist { .. } => self.in_step(node, |step| step.persisted += 1),
            TypedEvent::State { .. } => self.in_step(node, |step| step.ended = true),
            other => self.fault(at, node, other),
        }
        Ok(())
    }

    /// Adds the move of a fault. A mere pause is none: nothing happens at the node meanwhile.
    fn fault<M: Machine>(&mut self, at: Time, node: NodeId, what: &TypedEvent<M>) {
        match what {
            TypedEvent::Crash { lost, wiped, .. } => {
                self.suspended.remove(&node);
                match wiped {
                    true => drop(self.add(at, node, Action::Wipe)),
                    false => self.crash(at, node, *lost),
                }
            }
            TypedEvent::Suspend => {
                self.suspended.insert(node);
                self.add(at, node, Action::Suspend);
            }
            TypedEvent::Resume if self.suspended.remove(&node) => drop(self.add(at, node, Action::Resume)),
            TypedEvent::Drift { ppm } => drop(self.add(at, node, Action::Drift(*ppm))),
            TypedEvent::Jump { nanos } => drop(self.add(at, node, Action::Jump(*nanos))),
            _ => {}
        }
    }

    fn add(&mut self, at: Time, node: NodeId, what: Action) -> u32 {
        self.last_id += 1;
        self.moves.push(Move { id: self.last_id, at, node, what });
        self.last_id
    }

    fn begin(&mut self, trigger: EventId, node: NodeId, root: u32, at: Time) {
        self.roots.insert(trigger, root);
        self.steps.insert(node, Step { root, at, persisted: 0, sent: 0, ended: false });
    }

    fn in_step(&mut self, node: NodeId, note: impl FnOnce(&mut Step)) {
        if let Some(step) = self.steps.get_mut(&node) {
            note(step);
        }
    }

    fn send(
        &mut self,
        msg: MessageId,
        cause: Option<EventId>,
        (from, to): (NodeId, NodeId),
        name: Option<&'static str>,
    ) {
        let by = cause.and_then(|cause| self.roots.get(&cause)).copied().unwrap_or_default();
        let Some(&to) = self.ids.get(to.index()) else { return };
        let count = self.sent.entry((by, from, to)).or_default();
        self.messages.insert(msg, (MessageKey { by, from, to, nth: *count }, name));
        *count += 1;
        if to != from {
            self.in_step(from, |step| step.sent += 1);
        }
    }

    /// Adds a crash. One that cut a step short happens during that step, so it is ordered before
    /// it.
    fn crash(&mut self, at: Time, node: NodeId, lost: u32) {
        let step = self.steps.get(&node).copied().filter(|step| step.at == at && !step.ended);
        let step = step.filter(|step| self.moves.last().is_some_and(|last| last.id == step.root));
        let moment = match step {
            Some(Step { persisted, .. }) if lost > 0 => CrashPoint::BeforePersist { kept: persisted },
            Some(Step { persisted: 1.., sent: 0, .. }) => CrashPoint::AfterPersist,
            Some(Step { sent: sent @ 1.., .. }) => CrashPoint::AfterSends { sent },
            _ => CrashPoint::BetweenSteps,
        };
        self.add(at, node, Action::Crash(moment));
        if moment != CrashPoint::BetweenSteps {
            let last = self.moves.len() - 1;
            self.moves.swap(last - 1, last);
        }
        self.steps.remove(&node);
    }

    /// Returns all moves, now that it is known which messages arrive more than once.
    fn conclude(mut self) -> Vec<Move> {
        let mut later = BTreeSet::new();
        for each in self.moves.iter_mut().rev() {
            if let Action::Deliver { message, again, .. } = &mut each.what {
                *again = !later.insert(*message);
            }
        }
        number_anew(&mut self.moves);
        self.moves
    }
}

/// Renumbers every client's requests from 1, in the same order, so that omitted ones leave no gap.
pub(super) fn number_anew(moves: &mut [Move]) {
    let mut used: BTreeMap<ClientId, BTreeSet<u64>> = BTreeMap::new();
    for each in moves.iter() {
        if let Action::Ask { client, number, .. } = each.what {
            used.entry(client).or_default().insert(number);
        }
    }
    for each in moves {
        if let Action::Ask { client, number, .. } = &mut each.what {
            let smaller = used.get(client).map_or(0, |numbers| numbers.range(..*number).count());
            *number = smaller as u64 + 1;
        }
    }
}
