//! Inbox of a node that takes time for each message: it handles one after the other.
//!
//! A node with a service time is one thread. A message or request that arrives while it is free is
//! in work for that time, and is handled at its end; others wait in the order of their arrival. A
//! timer that expires while the node is busy waits in the same order, and takes no time itself.

use std::collections::VecDeque;

use quorate_protocol::{Invariant, Machine, NodeId, Time};

use super::core::{ClientContent, ClientEnvelope, Scheduled};
use super::host::Host;
use super::network::{drop_client_message, drop_message};
use super::run_error::Violation;
use super::world::World;
use crate::env::{Queue, Status};
use crate::trace::{DropReason, TypedEvent, payload};

/// The inbox of one node.
#[derive(Clone, Debug)]
pub(super) struct Inbox<M: Machine> {
    /// How long a message is in work, and how many may wait; `None` handles each on arrival.
    service: Option<Queue>,
    /// Inputs in the order of their arrival; the first is in work.
    inputs: VecDeque<Scheduled<M>>,
    /// Time at which the first is handled.
    done: Time,
    /// Number of the newest scheduled end of work; older ones are stale.
    turn: u32,
    /// Start of the node's pause: its work stands still.
    paused: Option<Time>,
}

impl<M: Machine> Inbox<M> {
    pub(super) const fn new() -> Self {
        Inbox { service: None, inputs: VecDeque::new(), done: Time::ZERO, turn: 0, paused: None }
    }

    /// Whether an input that arrives now is not handled at once.
    pub(super) fn is_used(&self) -> bool {
        self.service.is_some() || !self.inputs.is_empty()
    }

    /// Whether the node is at work.
    pub(super) fn is_busy(&self) -> bool {
        !self.inputs.is_empty()
    }

    /// Number of messages and requests, in work and waiting.
    pub(super) fn messages(&self) -> usize {
        self.inputs.iter().filter(|input| !matches!(input, Scheduled::Timer { .. })).count()
    }

    /// Takes everything out, after a crash.
    pub(super) fn clear(&mut self) -> VecDeque<Scheduled<M>> {
        self.turn = self.turn.wrapping_add(1);
        self.paused = None;
        std::mem::take(&mut self.inputs)
    }

    /// Starts or restarts work that is done at that time. Returns its number.
    fn work_until(&mut self, done: Time) -> u32 {
        self.turn = self.turn.wrapping_add(1);
        self.done = done;
        self.turn
    }
}

impl<M: Machine, I: Invariant<M>> World<M, I> {
    /// Sets the service time of a node from the next message on.
    pub(super) fn serve(&mut self, node: NodeId, service: Option<Queue>) {
        self.hosts[node.index()].inbox.service = service;
    }

    /// Puts an input into the inbox of its node, which is up: a message or request, which is in
    /// flight until it is handled, or a timer.
    pub(super) fn enqueue(&mut self, node: NodeId, input: Scheduled<M>) {
        let now = self.core.now;
        let Host { inbox, .. } = &mut self.hosts[node.index()];
        let before = inbox.messages();
        let is_timer = matches!(input, Scheduled::Timer { .. });
        if let (Some(service), false) = (inbox.service, is_timer || before == 0)
            && !service.has_room(before - 1)
        {
            self.network.remove_in_flight();
            return self.drop_input(&input, DropReason::Overflow);
        }
        let (idle, service) = (inbox.inputs.is_empty(), inbox.service);
        inbox.inputs.push_back(input);
        if idle {
            let done = service.map_or(now, |service| now + service.service_time());
            let turn = inbox.work_until(done);
            self.core.queue.schedule(done, Scheduled::Done { node, turn });
        } else if !is_timer {
            self.note_wait(node, before);
        }
    }

    /// Says in the trace that the last input waits.
    fn note_wait(&mut self, node: NodeId, before: usize) {
        let Some((name, cause)) = self.hosts[node.index()].inbox.inputs.back().and_then(|input| match input {
            Scheduled::Message(envelope) => Some((payload(&envelope.message, "Message").name, envelope.cause)),
            Scheduled::Client(envelope) => Some((envelope.content.name(), envelope.cause)),
            _ => None,
        }) else {
            return;
        };
        self.core.record(Some(node.into()), cause, || {
            TypedEvent::Note(format!("{name} waits: {node} is busy, and {before} before it"))
        });
    }

    /// Ends the work on the first input: it is handled, as are timers behind it. Then the next
    /// message is in work, also after a violation, which may be accepted.
    pub(super) fn done(&mut self, node: NodeId, turn: u32) -> Result<(), Violation> {
        let host = &self.hosts[node.index()];
        if host.status != Status::Up || host.inbox.turn != turn {
            return Ok(());
        }
        let mut handled = Ok(());
        loop {
            let Some(input) = self.hosts[node.index()].inbox.inputs.pop_front() else { return handled };
            handled = handled.and(self.handle(input));
            let now = self.core.now;
            let inbox = &mut self.hosts[node.index()].inbox;
            match (inbox.inputs.front(), inbox.service) {
                (None, _) => return handled,
                (Some(Scheduled::Timer { .. }), _) | (Some(_), None) => {}
                (Some(_), Some(service)) => {
                    let done = now + service.service_time();
                    let turn = inbox.work_until(done);
                    self.core.queue.schedule(done, Scheduled::Done { node, turn });
                    return handled;
                }
            }
        }
    }

    fn handle(&mut self, input: Scheduled<M>) -> Result<(), Violation> {
        match input {
            Scheduled::Message(envelope) => self.handle_message(envelope),
            Scheduled::Timer { node, slot, turn } => self.expire(node, slot, turn),
            Scheduled::Client(ClientEnvelope {
                msg,
                cause,
                node,
                ticket,
                content: ClientContent::Request(command),
            }) => self.handle_request((msg, cause), node, ticket, command),
            // Nothing else is put into an inbox.
            _ => Ok(()),
        }
    }

    /// Stops the work of a node that is paused. Messages that wait there are no longer in flight.
    pub(super) fn pause_work(&mut self, node: NodeId) {
        let inbox = &mut self.hosts[node.index()].inbox;
        inbox.paused = Some(self.core.now);
        (0..inbox.messages()).for_each(|_| self.network.remove_in_flight());
    }

    /// Goes on with the work of a node after a pause: the rest of it is still to do.
    pub(super) fn resume_work(&mut self, node: NodeId) {
        let now = self.core.now;
        let inbox = &mut self.hosts[node.index()].inbox;
        let Some(paused) = inbox.paused.take() else { return };
        (0..inbox.messages()).for_each(|_| self.network.add_in_flight());
        if inbox.is_busy() {
            let done = inbox.done + now.since(paused);
            let turn = inbox.work_until(done);
            self.core.queue.schedule(done, Scheduled::Done { node, turn });
        }
    }

    /// Empties the inbox of a node that crashes. Returns the messages, requests and timers in it.
    pub(super) fn empty_inbox(&mut self, node: NodeId) -> VecDeque<Scheduled<M>> {
        let inbox = &mut self.hosts[node.index()].inbox;
        if inbox.paused.is_none() {
            (0..inbox.messages()).for_each(|_| self.network.remove_in_flight());
        }
        inbox.clear()
    }

    /// Says in the trace that an input is lost.
    pub(super) fn drop_input(&mut self, input: &Scheduled<M>, reason: DropReason) {
        match input {
            Scheduled::Message(envelope) => drop_message(&mut self.core, envelope, reason),
            Scheduled::Client(envelope) => drop_client_message(&mut self.core, envelope, reason),
            _ => {}
        }
    }
}
