//! One step of one node: input, rules, writes, a possible crash in between, and effects.

use quorate_protocol::{
    Clock, Effect, Input, Invariant, InvariantViolation, Machine, NodeId, Outbox, RequestId, StepKind, StepView, nanos,
};

use super::core::{ClientContent, ClientEnvelope, Envelope, Scheduled};
use super::faults::DiskFate;
use super::network::drop_message;
use super::run_error::Violation;
use super::timers::Expiry;
use super::world::World;
use crate::env::{Status, Survival};
use crate::trace::{DropReason, EventId, Lane, MessageId, Text, TypedEvent};

impl<M: Machine, I: Invariant<M>> World<M, I> {
    /// Delivers a message to its node.
    pub(super) fn arrive(&mut self, envelope: Envelope<M>) -> Result<(), Violation> {
        let Envelope { from, to, .. } = envelope;
        match self.hosts[to.index()].status {
            Status::Down => {
                self.network.remove_in_flight();
                drop_message(&mut self.core, &envelope, DropReason::Crashed);
                Ok(())
            }
            _ if self.network.links.is_cut(from, to) => {
                self.network.remove_in_flight();
                drop_message(&mut self.core, &envelope, DropReason::Partition);
                Ok(())
            }
            Status::Paused => {
                self.network.remove_in_flight();
                self.hosts[to.index()].backlog.push(Scheduled::Message(envelope));
                Ok(())
            }
            // A node's message to itself is part of the work that it has already done.
            Status::Up if from != to && self.has_inbox(to) => {
                self.enqueue(to, Scheduled::Message(envelope));
                Ok(())
            }
            Status::Up => self.handle_message(envelope),
        }
    }

    /// Whether inputs pass the inbox of a node. Under manual control none does: nothing happens by
    /// itself there.
    fn has_inbox(&self, node: NodeId) -> bool {
        !self.manual && self.hosts[node.index()].inbox.is_used()
    }

    /// Lets a node that is up handle a message.
    pub(super) fn handle_message(&mut self, envelope: Envelope<M>) -> Result<(), Violation> {
        let Envelope { from, to, msg, cause, message } = envelope;
        self.network.remove_in_flight();
        let trigger = self.core.record(Some(to.into()), cause, || TypedEvent::Deliver { msg, from });
        self.take(to, Input::Deliver { from, message }, trigger)
    }

    /// Handles a timer event.
    pub(super) fn run_out(&mut self, node: NodeId, slot: u32, turn: u32) -> Result<(), Violation> {
        let host = &mut self.hosts[node.index()];
        match host.status {
            Status::Down => Ok(()),
            Status::Paused => {
                host.backlog.push(Scheduled::Timer { node, slot, turn });
                Ok(())
            }
            Status::Up if host.inbox.is_busy() => {
                self.enqueue(node, Scheduled::Timer { node, slot, turn });
                Ok(())
            }
            Status::Up => self.expire(node, slot, turn),
        }
    }

    /// Fires a timer of a node that is up, if it is still due.
    pub(super) fn expire(&mut self, node: NodeId, slot: u32, turn: u32) -> Result<(), Violation> {
        match self.hosts[node.index()].timers.due(slot, turn, self.core.now) {
            Expiry::Stale => Ok(()),
            Expiry::Later(entry) => {
                self.core.queue.schedule(entry.at, Scheduled::Timer { node, slot: entry.slot, turn: entry.turn });
                Ok(())
            }
            Expiry::Now { timer, cause } => {
                let trigger = self.core.record(Some(node.into()), cause, || TypedEvent::Fire { timer: timer.clone() });
                self.take(node, Input::Fire(timer), trigger)
            }
        }
    }

    /// Delivers a client's request to its node.
    pub(super) fn request(
        &mut self,
        (msg, cause): (MessageId, Option<EventId>),
        to: NodeId,
        ticket: RequestId,
        command: M::Command,
    ) -> Result<(), Violation> {
        let manual = self.manual;
        match self.hosts.get_mut(to.index()).map(|host| (host.status, host)) {
            Some((Status::Up, host)) if !manual && host.inbox.is_used() => {
                let content = ClientContent::Request(command);
                self.enqueue(to, Scheduled::Client(ClientEnvelope { msg, cause, node: to, ticket, content }));
                Ok(())
            }
            Some((Status::Up, _)) => self.handle_request((msg, cause), to, ticket, command),
            Some((Status::Paused, host)) => {
                self.network.remove_in_flight();
                let content = ClientContent::Request(command);
                host.backlog.push(Scheduled::Client(ClientEnvelope { msg, cause, node: to, ticket, content }));
                Ok(())
            }
            absent => {
                self.network.remove_in_flight();
                let client = Some(Lane::Client(ticket.client));
                let reason = if absent.is_some() { DropReason::Crashed } else { DropReason::Unknown };
                self.core.record(client, cause, || TypedEvent::Drop { msg, reason });
                Ok(())
            }
        }
    }

    /// Lets a node that is up handle a client's request.
    pub(super) fn handle_request(
        &mut self,
        (msg, cause): (MessageId, Option<EventId>),
        to: NodeId,
        ticket: RequestId,
        command: M::Command,
    ) -> Result<(), Violation> {
        self.network.remove_in_flight();
        let trigger =
            self.core.record(Some(to.into()), cause, || TypedEvent::Request { msg, ticket, command: command.clone() });
        self.invariants.requested(to, &command);
        self.take(to, Input::Request { ticket, command }, trigger)
    }

    /// Boots a node from its disk.
    pub(super) fn boot(&mut self, node: NodeId) -> Result<(), Violation> {
        let index = node.index();
        let host = &mut self.hosts[index];
        host.incarnation += 1;
        host.status = Status::Up;
        let incarnation = host.incarnation;
        let cx = self.constants.of(node, M::Clock::read(host.clock.read(self.core.now)));
        self.out.clear();
        let machine = M::boot(&cx, &host.disk, &mut self.out);
        let mut trigger = None;
        if self.core.recording.is_some() {
            let state = machine.view(&cx);
            host.shown = Some(state.clone());
            trigger = self.core.record(Some(node.into()), None, || TypedEvent::Boot { incarnation, state });
        }
        self.machines[index] = Some(machine);
        self.conclude(node, StepKind::Boot, trigger)
    }

    /// Lets a running node handle an input.
    #[inline]
    fn take(&mut self, node: NodeId, input: Input<M>, trigger: Option<EventId>) -> Result<(), Violation> {
        let index = node.index();
        let Some(machine) = &mut self.machines[index] else { return Ok(()) };
        let cx = self.constants.of(node, M::Clock::read(self.hosts[index].clock.read(self.core.now)));
        self.out.clear();
        let kind = input.kind();
        machine.step(&cx, input, &mut self.out);
        if let Err(silent) = self.out.check_reasons(node, kind) {
            return Err(self.violate(node, silent.into()));
        }
        self.conclude(node, StepKind::Step, trigger)
    }

    /// Applies the effects of a boot or step: first the writes, then all others. A crash may cut
    /// them short.
    #[inline]
    fn conclude(&mut self, node: NodeId, moment: StepKind, trigger: Option<EventId>) -> Result<(), Violation> {
        let index = node.index();
        let crash = self.hosts[index].pending_crash.filter(|moment| moment.applies_in(node, &self.out));
        let records = self.out.records().count();
        let survival = Survival::of(crash, records);
        for record in self.out.records().take(survival.records) {
            quorate_protocol::Disk::apply(&mut self.hosts[index].disk, record);
        }
        let verdict = if survival.done { self.check_invariants(node, moment) } else { Ok(()) };
        if let (true, Some(target), Some(machine)) = (survival.done, self.told, &self.machines[index]) {
            target.step(&self.context(node), machine, &self.out, survival);
        }
        let mut out = std::mem::take(&mut self.out);
        self.apply(node, trigger, &mut out, survival);
        self.out = out;
        verdict.map_err(|broken| self.violate(node, broken))?;
        match crash {
            Some(_) => self.crash(node, DiskFate::Kept { lost: survival.lost(records) }),
            None => {
                self.show(node, trigger);
                Ok(())
            }
        }
    }

    /// Checks the invariants after a step, boot or crash.
    pub(super) fn check_invariants(&mut self, node: NodeId, moment: StepKind) -> Result<(), InvariantViolation> {
        let Self { constants, machines, out, .. } = self;
        let seen = StepView { at: self.core.now, node, kind: moment, constants, machines, out };
        match self.accepted.is_empty() {
            true => self.invariants.check(&seen),
            false => self.invariants.check_except(&seen, &self.accepted),
        }
    }

    /// Applies the effects in order, up to a crash, and records them, each under its rule.
    #[inline]
    fn apply(&mut self, node: NodeId, trigger: Option<EventId>, out: &mut Outbox<M>, mut survival: Survival) {
        let mut rule_spans = std::mem::take(&mut self.rule_spans);
        self.note_rule_spans(out, &mut rule_spans);
        let mut unsaid = rule_spans.drain(..).peekable();
        for (position, effect) in out.drain().enumerate() {
            while let Some(rule_span) = unsaid.next_if(|rule_span| rule_span.first <= position) {
                self.say(node, trigger, rule_span);
            }
            if survival.lets(node, &effect) {
                self.effect(node, trigger, effect);
            }
        }
        for rule_span in unsaid {
            self.say(node, trigger, rule_span);
        }
        self.rule_spans = rule_spans;
    }

    /// Collects for the trace each rule, its reason, and the position of its first effect. Does
    /// nothing if there is no trace.
    fn note_rule_spans(&mut self, out: &Outbox<M>, rule_spans: &mut Vec<RuleSpan<M::Rule>>) {
        let Some(recording) = &mut self.core.recording else { return };
        let mut first = 0;
        rule_spans.extend(out.reasons().map(|reason| {
            let rule_span = RuleSpan { rule: reason.rule, why: recording.text(reason.why), first };
            first += reason.effects.len();
            rule_span
        }));
    }

    fn say(&mut self, node: NodeId, trigger: Option<EventId>, RuleSpan { rule, why, .. }: RuleSpan<M::Rule>) {
        self.core.record(Some(node.into()), trigger, || TypedEvent::Rule { rule, why });
    }

    #[inline]
    fn effect(&mut self, node: NodeId, trigger: Option<EventId>, effect: Effect<M>) {
        let lane = Some(Lane::Node(node));
        let core = &mut self.core;
        match effect {
            Effect::Send { to, message } if to.index() < self.hosts.len() => {
                let msg = core.next_msg();
                let cause = core.record(lane, trigger, || TypedEvent::Send { msg, to, message: message.clone() });
                self.network.send(core, Envelope { msg, cause, from: node, to, message });
            }
            // Unknown recipient: dropped.
            Effect::Send { to, message } => {
                let msg = core.next_msg();
                let cause = core.record(lane, trigger, || TypedEvent::Send { msg, to, message });
                core.record(lane, cause, || TypedEvent::Drop { msg, reason: DropReason::Unknown });
            }
            // Already durable: all writes of a step come before its other effects.
            Effect::Persist(record) => {
                core.record(lane, trigger, || TypedEvent::Persist { record });
            }
            Effect::Arm { timer, after } => {
                let host = &mut self.hosts[node.index()];
                let (min, max) = (nanos(after.min()), nanos(after.max()));
                let nanos = if self.manual { min } else { host.rng.within(min, max) };
                let after = quorate_protocol::Duration::from_nanos(nanos);
                let recorded = core.recording.is_some().then(|| timer.clone());
                let (slot, due, entry) = host.timers.arm(timer, after, &host.clock, core.now);
                if let Some(entry) = entry.filter(|_| !self.manual) {
                    core.queue.schedule(entry.at, Scheduled::Timer { node, slot: entry.slot, turn: entry.turn });
                }
                if let Some(timer) = recorded {
                    let cause = core.record(lane, trigger, || TypedEvent::Arm { timer, due });
                    host.timers.blame(slot, cause);
                }
            }
            Effect::Disarm(timer) => {
                if self.hosts[node.index()].timers.disarm(&timer) {
                    core.record(lane, trigger, || TypedEvent::Disarm { timer });
                }
            }
            Effect::Emit(fact) => {
                core.record(lane, trigger, || TypedEvent::Fact { fact });
            }
            Effect::Reply { ticket, reply } => self.reply(node, trigger, ticket, reply),
        }
    }

    /// Sends a reply to its client.
    fn reply(&mut self, node: NodeId, trigger: Option<EventId>, ticket: RequestId, reply: M::Reply) {
        let (lane, core) = (Some(Lane::Node(node)), &mut self.core);
        let msg = core.next_msg();
        let cause = core.record(lane, trigger, || TypedEvent::Reply { msg, ticket, reply: reply.clone() });
        // Unknown client: dropped.
        let Some(client) = self.clients.get_mut(ticket.client.index()) else {
            core.record(lane, cause, || TypedEvent::Drop { msg, reason: DropReason::Unknown });
            return;
        };
        if client.has_injected(ticket) {
            return client.hear(core, &mut self.network, (msg, cause), node, (ticket, reply));
        }
        self.network.carry(core, ClientEnvelope { msg, cause, node, ticket, content: ClientContent::Reply(reply) });
    }

    /// Records a node's view, if it has changed.
    fn show(&mut self, node: NodeId, trigger: Option<EventId>) {
        let index = node.index();
        let (Some(_), Some(machine)) = (&self.core.recording, &self.machines[index]) else { return };
        let view = machine.view(&self.context(node));
        let host = &mut self.hosts[index];
        if host.shown.as_ref() != Some(&view) {
            host.shown = Some(view.clone());
            self.core.record(Some(node.into()), trigger, || TypedEvent::State { view });
        }
    }
}

/// A rule that fired in the current step, as recorded in the trace.
#[derive(Debug)]
pub(super) struct RuleSpan<R> {
    rule: R,
    why: Text,
    /// Position of its first effect among those of the step.
    first: usize,
}
