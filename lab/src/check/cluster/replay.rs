//! Replay of a path as a trace: the same steps again, with their reasons.

use quorate_protocol::{
    Clock as _, Effect, Input, Invariant, InvariantViolation, Machine, NodeId, Outbox, RequestId, Time, nanos,
};

use super::action::{Action, Stimulus};
use super::effects::write;
use super::state::{Envelope, Node, State};
use super::{Cluster, SyncMachine};
use crate::check::{CheckError, Path};
use crate::env::{CrashPoint, Survival};
use crate::trace::{DropReason, EventId, Lane, MessageId, Recording, RunInfo, Text, TypedEvent};

/// Duration of each action in the trace of a cluster without clocks.
const PACE: Time = Time::from_millis(1);

/// State of a replay in progress.
struct Replay<'a, M: Machine, I: Invariant<M>> {
    cluster: &'a Cluster<M, I>,
    recording: Recording<M>,
    out: Outbox<M>,
    /// Time in the trace.
    at: Time,
    /// Time that the clocks show, as in the search: without clocks in the bounds it stands still.
    now: Time,
    hosts: Vec<HostTrace<M>>,
    /// Messages in flight, oldest first: of several copies the oldest is delivered.
    flights: Vec<(Envelope<M>, MessageId, EventId)>,
    last_msg: u64,
}

/// State of a node in the trace.
struct HostTrace<M: Machine> {
    incarnation: u32,
    shown: Option<M::View>,
    armed: Vec<(M::Timer, EventId)>,
    inbox: Vec<(MessageId, EventId)>,
}

impl<M: SyncMachine, I: Invariant<M> + Sync> Cluster<M, I> {
    /// Replays a path of this cluster as a trace, which ends with the violation if there is one.
    ///
    /// # Errors
    /// [`CheckError::NotRepeatable`] if a step has another outcome than in the path: the path is
    /// not of this cluster, or a machine is not pure.
    pub fn replay(&self, path: &Path<Self>) -> Result<Recording<M>, CheckError> {
        let names = self.setup.names.clone();
        let about = RunInfo {
            protocol: self.setup.protocol.clone(),
            title: self.setup.title.clone(),
            seed: None,
            names: names.clone(),
        };
        let told = |_: &String| HostTrace { incarnation: 0, shown: None, armed: Vec::new(), inbox: Vec::new() };
        let mut replay = Replay {
            cluster: self,
            recording: Recording::new(about),
            out: Outbox::explaining(),
            at: Time::ZERO,
            now: Time::ZERO,
            hosts: names.nodes().iter().map(told).collect(),
            flights: Vec::new(),
            last_msg: 0,
        };
        names.scope(|| replay.tell(path))?;
        Ok(replay.recording)
    }

    /// Describes an action in words, as taken in that state: `deliver Ask from n1 to n2`.
    pub fn in_words(&self, state: &State<M, I>, action: &Action<M>) -> String {
        self.setup.names.scope(|| action.describe(state))
    }

    /// Describes the actions of a path in words, one line each.
    pub fn describe(&self, path: &Path<Self>) -> Vec<String> {
        let before = std::iter::once(&path.initial).chain(path.steps.iter().map(|(_, state)| state));
        before.zip(&path.steps).map(|(state, (action, _))| self.in_words(state, action)).collect()
    }
}

impl<M: SyncMachine, I: Invariant<M> + Sync> Replay<'_, M, I> {
    fn tell(&mut self, path: &Path<Cluster<M, I>>) -> Result<(), CheckError> {
        self.begin(&path.initial);
        let mut before = &path.initial;
        for (index, (action, after)) in path.steps.iter().enumerate() {
            self.now = self.cluster.time(after.tick);
            self.at = match self.cluster.bounds.clocks {
                Some(_) => self.now,
                None => Time::from_nanos(PACE.as_nanos() * (index as u64 + 1)),
            };
            let repeated = self.act(action, before, after);
            repeated.ok_or(CheckError::NotRepeatable { step: index + 1 })?;
            before = after;
        }
        if let Some((node, broken)) = before.broken() {
            self.record(Some(node.into()), None, TypedEvent::Violation(InvariantViolation::clone(broken)));
        }
        Ok(())
    }

    fn begin(&mut self, initial: &State<M, I>) {
        for (node, host) in (0..).map(NodeId).zip(&initial.hosts) {
            if host.clock.ppm != 0 {
                self.record(Some(node.into()), None, TypedEvent::Drift { ppm: host.clock.ppm });
            }
        }
        let blank = |node: usize| self.cluster.setup.disks.get(&NodeId(node as u32)).cloned().unwrap_or_default();
        let disks: Vec<M::Disk> = (0..initial.hosts.len()).map(blank).collect();
        for (node, (host, disk)) in (0..).map(NodeId).zip(initial.hosts.iter().zip(&disks)) {
            self.boot(node, disk, M::Clock::read(host.clock.read(Time::ZERO)));
        }
    }

    /// Records one action. Returns `None` if its outcome differs from the path.
    fn act(&mut self, action: &Action<M>, before: &State<M, I>, after: &State<M, I>) -> Option<()> {
        match action {
            Action::Step { node, stimulus, crash } => self.step(*node, stimulus, *crash, (before, after))?,
            Action::Drop(position) => {
                let (from, msg, cause) = self.take(&***before.network.get(*position)?)?;
                self.record(Some(from.into()), Some(cause), TypedEvent::Drop { msg, reason: DropReason::Loss });
            }
            Action::Duplicate(position) => {
                let envelope = &***before.network.get(*position)?;
                let (_, msg, cause) = self.flights.iter().find(|(each, ..)| each == envelope)?;
                let (msg, cause, copy) = (*msg, *cause, MessageId(self.last_msg + 1));
                self.last_msg += 1;
                let lane = Some(envelope.from.into());
                let sent = self.record(lane, Some(cause), TypedEvent::Duplicate { msg, copy });
                self.flights.push((envelope.clone(), copy, sent));
            }
            Action::Crash(node) => self.crash(*node, 0),
            Action::Restart(node) => {
                let host = &before.hosts.get(node.index())?;
                let booted = self.boot(*node, &host.disk, M::Clock::read(host.clock.read(self.now)));
                if Some(&booted) != after.machine(*node) {
                    return None;
                }
            }
            Action::Pause(node) => {
                self.record(Some((*node).into()), None, TypedEvent::Pause);
            }
            Action::Resume(node) => {
                self.record(Some((*node).into()), None, TypedEvent::Resume);
            }
            Action::Tick => {}
            Action::Jump { node, nanos } => {
                self.record(Some((*node).into()), None, TypedEvent::Jump { nanos: *nanos });
            }
        }
        Some(())
    }

    /// Records a step; a crash may cut it short. Returns `None` if its outcome differs from the
    /// path.
    fn step(
        &mut self,
        node: NodeId,
        stimulus: &Stimulus<M>,
        crash: Option<CrashPoint>,
        (before, after): (&State<M, I>, &State<M, I>),
    ) -> Option<()> {
        let host = &before.hosts.get(node.index())?;
        let (input, trigger) = self.trigger(node, stimulus, before)?;
        let mut machine = host.machine.clone()?;
        self.out.clear();
        let constants = &self.cluster.setup.constants;
        let cx = constants.of(node, M::Clock::read(host.clock.read(self.now)));
        machine.step(&cx, input, &mut self.out);
        let view = machine.view(&cx);
        let records = self.out.records().count();
        let survival = Survival::of(crash, records);
        // With other constants a step may leave the same machine, but a different disk.
        let mut written = Node::clone(host);
        write(&mut written, self.out.records().take(survival.records));
        if written.disk != after.hosts.get(node.index())?.disk {
            return None;
        }
        self.effects(node, Some(trigger), survival);
        match crash {
            None if Some(&machine) != after.machine(node) => return None,
            None => self.show(node, Some(trigger), view),
            Some(_) => self.crash(node, survival.lost(records)),
        }
        Some(())
    }

    /// Returns the input of a step, and the event of the trace that triggers it.
    fn trigger(&mut self, node: NodeId, stimulus: &Stimulus<M>, before: &State<M, I>) -> Option<(Input<M>, EventId)> {
        let host = &before.hosts.get(node.index())?;
        let lane = Some(Lane::Node(node));
        match stimulus {
            Stimulus::Message(position) => {
                let envelope = &***before.network.get(*position)?;
                let (from, msg, cause) = self.take(envelope)?;
                let event = self.record(lane, Some(cause), TypedEvent::Deliver { msg, from });
                Some((Input::Deliver { from, message: envelope.message.clone() }, event))
            }
            Stimulus::Own => {
                let message = host.inbox.first()?.clone();
                let inbox = &mut self.hosts[node.index()].inbox;
                let (msg, cause) = if inbox.is_empty() { return None } else { inbox.remove(0) };
                let event = self.record(lane, Some(cause), TypedEvent::Deliver { msg, from: node });
                Some((Input::Deliver { from: node, message }, event))
            }
            Stimulus::Timer(position) => {
                let timer = host.timers.get(*position)?.timer.clone();
                let armed = &mut self.hosts[node.index()].armed;
                let place = armed.iter().position(|(each, _)| *each == timer)?;
                let cause = armed.remove(place).1;
                let event = self.record(lane, Some(cause), TypedEvent::Fire { timer: timer.clone() });
                Some((Input::Fire(timer), event))
            }
            Stimulus::Request { ticket, command } => {
                let (msg, command) = (self.next_msg(), command.clone());
                let ask = TypedEvent::Ask { msg, to: node, ticket: *ticket, command: command.clone() };
                let asked = self.record(Some(ticket.client.into()), None, ask);
                let request = TypedEvent::Request { msg, ticket: *ticket, command: command.clone() };
                let event = self.record(lane, Some(asked), request);
                Some((Input::Request { ticket: *ticket, command }, event))
            }
        }
    }

    fn boot(&mut self, node: NodeId, disk: &M::Disk, clock: M::Clock) -> M {
        self.out.clear();
        let cx = self.cluster.setup.constants.of(node, clock);
        let machine = M::boot(&cx, disk, &mut self.out);
        let state = machine.view(&cx);
        let told = &mut self.hosts[node.index()];
        told.incarnation += 1;
        told.shown = Some(state.clone());
        let boot = TypedEvent::Boot { incarnation: told.incarnation, state };
        let trigger = self.record(Some(node.into()), None, boot);
        self.effects(node, Some(trigger), Survival::WHOLE);
        machine
    }

    /// Records each rule and its effects; a crash may cut them short.
    fn effects(&mut self, node: NodeId, trigger: Option<EventId>, mut survival: Survival) {
        let out = std::mem::take(&mut self.out);
        for reason in out.reasons() {
            let why: Text = self.recording.text(reason.why);
            self.record(Some(node.into()), trigger, TypedEvent::Rule { rule: reason.rule, why });
            for effect in reason.effects.iter().filter(|effect| survival.lets(node, effect)) {
                self.effect(node, trigger, effect.clone());
            }
        }
        self.out = out;
    }

    fn effect(&mut self, node: NodeId, trigger: Option<EventId>, effect: Effect<M>) {
        let lane = Some(Lane::Node(node));
        match effect {
            Effect::Send { to, message } => {
                let msg = self.next_msg();
                let sent = self.record(lane, trigger, TypedEvent::Send { msg, to, message: message.clone() });
                if to == node {
                    self.hosts[node.index()].inbox.push((msg, sent));
                } else if to.index() < self.hosts.len() {
                    self.flights.push((Envelope { to, from: node, message }, msg, sent));
                } else {
                    self.record(lane, Some(sent), TypedEvent::Drop { msg, reason: DropReason::Crashed });
                }
            }
            Effect::Persist(record) => {
                self.record(lane, trigger, TypedEvent::Persist { record });
            }
            Effect::Arm { timer, after } => {
                let due = Time::from_nanos(self.at.as_nanos().saturating_add(nanos(after.max())));
                let event = self.record(lane, trigger, TypedEvent::Arm { timer: timer.clone(), due });
                let armed = &mut self.hosts[node.index()].armed;
                armed.retain(|(each, _)| *each != timer);
                armed.push((timer, event));
            }
            Effect::Disarm(timer) => {
                let armed = &mut self.hosts[node.index()].armed;
                let before = armed.len();
                armed.retain(|(each, _)| *each != timer);
                if armed.len() < before {
                    self.record(lane, trigger, TypedEvent::Disarm { timer });
                }
            }
            Effect::Emit(fact) => {
                self.record(lane, trigger, TypedEvent::Fact { fact });
            }
            Effect::Reply { ticket, reply } => self.reply(node, trigger, ticket, reply),
        }
    }

    /// A reply reaches its client at once: clients are not part of the model.
    fn reply(&mut self, node: NodeId, trigger: Option<EventId>, ticket: RequestId, reply: M::Reply) {
        let msg = self.next_msg();
        let sent = self.record(Some(node.into()), trigger, TypedEvent::Reply { msg, ticket, reply });
        let answer = TypedEvent::Answer { msg, from: node, late: false };
        self.record(Some(ticket.client.into()), Some(sent), answer);
    }

    fn show(&mut self, node: NodeId, trigger: Option<EventId>, view: M::View) {
        let shown = &mut self.hosts[node.index()].shown;
        if shown.as_ref() != Some(&view) {
            *shown = Some(view.clone());
            self.record(Some(node.into()), trigger, TypedEvent::State { view });
        }
    }

    fn crash(&mut self, node: NodeId, lost: u32) {
        self.record(Some(node.into()), None, TypedEvent::Crash { lost, wiped: false, restored: None });
        let told = &mut self.hosts[node.index()];
        told.shown = None;
        told.armed.clear();
        for (msg, cause) in std::mem::take(&mut told.inbox) {
            self.record(Some(node.into()), Some(cause), TypedEvent::Drop { msg, reason: DropReason::Crashed });
        }
    }

    /// Removes a message from the network.
    fn take(&mut self, envelope: &Envelope<M>) -> Option<(NodeId, MessageId, EventId)> {
        let place = self.flights.iter().position(|(each, ..)| each == envelope)?;
        let (envelope, msg, cause) = self.flights.remove(place);
        Some((envelope.from, msg, cause))
    }

    fn next_msg(&mut self) -> MessageId {
        self.last_msg += 1;
        MessageId(self.last_msg)
    }

    fn record(&mut self, lane: Option<Lane>, cause: Option<EventId>, what: TypedEvent<M>) -> EventId {
        self.recording.push(self.at, lane, cause, what)
    }
}
