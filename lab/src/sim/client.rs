//! Clients: they send requests, wait, retry and finally give up.

use std::collections::VecDeque;

use quorate_protocol::{ClientEventKind, ClientId, Disposition, Machine, NodeId, RequestId, nanos};

use super::core::{ClientContent, ClientEnvelope, Core, Scheduled};
use super::network::Network;
use crate::env::{ClientStats, RetryPolicy};
use crate::trace::{EventId, Lane, MessageId, TypedEvent};

#[derive(Clone, Debug)]
pub(super) struct Client<M: Machine> {
    id: ClientId,
    retry_policy: RetryPolicy,
    nodes: u32,
    /// The default node for requests that name none.
    contact: NodeId,
    waiting: VecDeque<(Option<NodeId>, M::Command)>,
    current: Option<Current<M>>,
    /// Requests sent without waiting, with no final reply yet.
    injected: Vec<RequestId>,
    /// Identifies the current wait, to ignore the timeouts of earlier ones.
    turn: u32,
    pub(super) stats: ClientStats,
    pub(super) answers: Vec<(RequestId, M::Reply)>,
}

#[derive(Clone, Debug)]
struct Current<M: Machine> {
    ticket: RequestId,
    to: NodeId,
    command: M::Command,
    attempts: u32,
    /// Redirects followed since the last timeout.
    hops: u32,
    wait: Option<EventId>,
}

impl<M: Machine> Client<M> {
    pub(super) fn new(id: ClientId, nodes: usize, retry_policy: RetryPolicy) -> Self {
        Client {
            id,
            retry_policy,
            nodes: nodes as u32,
            contact: NodeId(id.0 % (nodes.max(1) as u32)),
            waiting: VecDeque::new(),
            current: None,
            injected: Vec::new(),
            turn: 0,
            stats: ClientStats::default(),
            answers: Vec::new(),
        }
    }

    /// Whether it has no pending request.
    pub(super) fn is_idle(&self) -> bool {
        self.current.is_none() && self.waiting.is_empty()
    }

    pub(super) fn set_retry_policy(&mut self, retry_policy: RetryPolicy) {
        self.retry_policy = retry_policy;
    }

    /// Queues a request; requests are sent one after the other.
    pub(super) fn ask(
        &mut self,
        core: &mut Core<M>,
        network: &mut Network<M>,
        to: Option<NodeId>,
        command: M::Command,
    ) {
        self.waiting.push_back((to, command));
        if self.current.is_none() {
            self.begin(core, network);
        }
    }

    /// Starts a request besides the queue, without waiting for the reply and without retries.
    pub(super) fn register_injected(&mut self) -> RequestId {
        self.stats.asked += 1;
        let ticket = RequestId { client: self.id, number: self.stats.asked };
        self.injected.push(ticket);
        ticket
    }

    /// The same with a number of its choice: one that it has used before makes this a retry of the
    /// same request.
    pub(super) fn register_injected_as(&mut self, ticket: RequestId) {
        if !self.has_injected(ticket) {
            self.stats.asked = self.stats.asked.max(ticket.number);
            self.injected.push(ticket);
        }
    }

    /// Whether it started this request without waiting.
    pub(super) fn has_injected(&self, ticket: RequestId) -> bool {
        self.injected.contains(&ticket)
    }

    /// Handles a timeout, unless its wait is over: retries or gives up.
    pub(super) fn on_timeout(&mut self, core: &mut Core<M>, network: &mut Network<M>, turn: u32) {
        let Some(current) = self.current.as_mut().filter(|_| turn == self.turn) else { return };
        let gives_up = current.attempts >= self.retry_policy.attempts.max(1);
        let ticket = current.ticket;
        let timeout =
            core.record(Some(self.id.into()), current.wait, || TypedEvent::TimedOut { ticket, gave_up: gives_up });
        if gives_up {
            self.stats.given_up += 1;
            self.current = None;
            return self.begin(core, network);
        }
        current.hops = 0;
        if self.retry_policy.rotates {
            current.to = NodeId((current.to.0 + 1) % self.nodes.max(1));
            self.contact = current.to;
        }
        self.stats.retries += 1;
        self.send(core, network, timeout);
    }

    /// Handles a reply.
    pub(super) fn hear(
        &mut self,
        core: &mut Core<M>,
        network: &mut Network<M>,
        (msg, cause): (MessageId, Option<EventId>),
        from: NodeId,
        (ticket, reply): (RequestId, M::Reply),
    ) {
        let injected = self.injected.iter().position(|each| *each == ticket);
        let current = self.current.as_mut().filter(|current| current.ticket == ticket);
        let late = current.is_none() && injected.is_none();
        core.hear(ticket, ClientEventKind::Response { by: from, reply: reply.clone() });
        let heard = core.record(Some(self.id.into()), cause, || TypedEvent::Answer { msg, from, late });
        if let Some(index) = injected {
            if M::disposition(&reply) == Disposition::Final {
                self.injected.remove(index);
                self.stats.answered += 1;
                self.answers.push((ticket, reply));
            }
            return;
        }
        let Some(current) = current else {
            self.stats.late += 1;
            return;
        };
        match M::disposition(&reply) {
            Disposition::Retry => {}
            // Nodes that redirect to each other do not know the leader: after a round of that, the
            // client waits for its timeout.
            Disposition::Redirect(node) if node.0 < self.nodes && current.to != node && current.hops < self.nodes => {
                current.hops += 1;
                current.to = node;
                self.contact = node;
                self.stats.retries += 1;
                self.send(core, network, heard);
            }
            Disposition::Redirect(_) => {}
            Disposition::Final => {
                self.contact = from;
                self.stats.answered += 1;
                self.answers.push((ticket, reply));
                self.current = None;
                self.begin(core, network);
            }
        }
    }

    fn begin(&mut self, core: &mut Core<M>, network: &mut Network<M>) {
        self.turn = self.turn.wrapping_add(1);
        let Some((to, command)) = self.waiting.pop_front() else { return };
        self.stats.asked += 1;
        let ticket = RequestId { client: self.id, number: self.stats.asked };
        let to = to.unwrap_or(self.contact);
        core.hear(ticket, ClientEventKind::Invocation(command.clone()));
        self.current = Some(Current { ticket, to, command, attempts: 0, hops: 0, wait: None });
        self.send(core, network, None);
    }

    /// Sends the current request, for the first time or again, and starts the timeout.
    fn send(&mut self, core: &mut Core<M>, network: &mut Network<M>, cause: Option<EventId>) {
        let Some(current) = &mut self.current else { return };
        current.attempts += 1;
        self.turn = self.turn.wrapping_add(1);
        let (lane, ticket, to) = (Lane::Client(self.id), current.ticket, current.to);
        let msg = core.next_msg();
        let command = current.command.clone();
        let sent = core.record(Some(lane), cause, || TypedEvent::Ask { msg, to, ticket, command });
        let content = ClientContent::Request(current.command.clone());
        network.carry(core, ClientEnvelope { msg, cause: sent, node: to, ticket, content });
        let due = core.now + self.retry_policy.timeout;
        current.wait = core.record(Some(lane), sent, || TypedEvent::Wait { ticket, due });
        core.schedule_in(
            nanos(self.retry_policy.timeout),
            Scheduled::ClientTimeout { client: self.id.0, turn: self.turn },
        );
    }
}
