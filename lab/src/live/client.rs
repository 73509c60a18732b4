//! Clients: blocking and pipelined requests from any thread, with redirection, retries and
//! timeouts.

use std::collections::VecDeque;
use std::ops::Range;

use quorate_protocol::{ClientId, Disposition, Machine, NodeId, RequestId, Time};

use super::error::AskError;
use super::identity::request_numbers;
use super::links::LinkView;
use super::outgoing::SendContext;
use super::request_batch::RequestBatch;
use super::requests::{Pending, Requests};
use super::thread_trace::{Cause, ThreadTrace};
use super::threads::{Arc, Receiver, Sender, unbounded};
use super::wait;
use super::wire::{ClientInput, Common, Delayed, Request, Response};
use crate::env::{ClientStats, Rng, Timeouts};
use crate::trace::{DropReason, TypedEvent};

/// A client of a running [`Cluster`](super::Cluster). It belongs to one thread at a time; create
/// one for each.
///
/// Every request has a [`RequestId`] that all its retries carry, so a protocol with sessions
/// executes it once, whatever is lost. On disks that outlive the process, numbering continues from
/// [run to run](super::REQUESTS_PER_RUN), because sessions outlive it too. [`ask`](Self::ask) waits
/// for the answer. [`submit`](Self::submit) and [`wait`](Self::wait) keep many requests in flight;
/// a protocol may bound how many it remembers (Raft's `session_replies`).
pub struct Client<M: Machine> {
    common: Arc<Common<M>>,
    id: ClientId,
    timeouts: Timeouts,
    inbox: Receiver<ClientInput<M>>,
    back: Sender<ClientInput<M>>,
    thread_trace: ThreadTrace<M>,
    link_view: LinkView,
    /// The node that new requests go to.
    contact: NodeId,
    requests: Requests<M>,
    /// The request numbers of this run.
    numbers: Range<u64>,
    request_batch: RequestBatch<M>,
    delayed: Delayed<(NodeId, Response<M>)>,
    ready: VecDeque<Result<(RequestId, M::Reply), AskError>>,
    /// No request needs a retry or times out before this time.
    look_at: Time,
    now: Time,
    stats: ClientStats,
}

impl<M: Machine> Client<M> {
    /// Creates a client that numbers its requests as those of a run.
    pub(super) fn new(common: Arc<Common<M>>, id: ClientId, run: u64, timeouts: Timeouts) -> Self {
        let numbers = request_numbers(run);
        let (back, inbox) = unbounded();
        let nodes = common.inboxes.len();
        Client {
            thread_trace: ThreadTrace::new(Some(id.into()), common.traced),
            link_view: LinkView::new(&common.links, Rng::new(common.seed, 2 * u64::from(id.0) + 1)),
            contact: NodeId(id.0 % (nodes.max(1) as u32)),
            request_batch: RequestBatch::new(nodes),
            common,
            id,
            timeouts,
            inbox,
            back,
            requests: Requests::from(numbers.start),
            numbers,
            delayed: Delayed::new(),
            ready: VecDeque::new(),
            look_at: Time::MAX,
            now: Time::ZERO,
            stats: ClientStats::default(),
        }
    }

    /// The client's id.
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// Statistics of its requests so far.
    pub fn stats(&self) -> ClientStats {
        self.stats
    }

    /// Sets the timeouts, also for requests in flight.
    pub fn set_timeouts(&mut self, timeouts: Timeouts) {
        self.timeouts = timeouts;
        self.look_at = Time::ZERO;
    }

    /// Sends requests to this node first, until it is redirected. An unknown node changes nothing.
    pub fn turn_to(&mut self, node: NodeId) {
        if node.index() < self.nodes() {
            self.contact = node;
        }
    }

    /// Sends a request and waits for the final answer.
    ///
    /// # Errors
    /// [`AskError`], when it timed out, all nodes have failed or the cluster was shut down. Except
    /// for a shut-down, the request may take effect all the same.
    pub fn ask(&mut self, command: M::Command) -> Result<M::Reply, AskError> {
        let ticket = self.submit(command);
        let mut others = VecDeque::new();
        let answer = loop {
            match self.wait() {
                Some(Ok((answered, reply))) if answered == ticket => break Ok(reply),
                Some(Err(error)) if error.ticket() == ticket => break Err(error),
                Some(other) => others.push_back(other),
                None => break Err(AskError::ShutDown { ticket }),
            }
        };
        others.append(&mut self.ready);
        self.ready = others;
        answer
    }

    /// Submits a request without waiting. It is sent at the next [`wait`](Self::wait), together
    /// with the others.
    pub fn submit(&mut self, command: M::Command) -> RequestId {
        if self.request_batch.is_empty() {
            self.now = self.common.now();
        }
        self.stats.asked += 1;
        let ticket = RequestId { client: self.id, number: self.requests.next_number() };
        let begun = self.now;
        let (to, wait) = (self.contact, Cause::None);
        self.requests.push(Pending { command, to, begun, again: begun, hops: 0, wait });
        if self.numbers.contains(&ticket.number) {
            self.send(ticket.number, Cause::None);
        } else {
            self.give_up(ticket.number, AskError::OutOfNumbers { ticket });
        }
        ticket
    }

    /// Number of requests in flight.
    pub fn under_way(&self) -> usize {
        (self.stats.asked - self.stats.answered - self.stats.given_up) as usize
    }

    /// Waits for the next final answer, to any of the requests. `None` if nothing is in flight.
    pub fn wait(&mut self) -> Option<Result<(RequestId, M::Reply), AskError>> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            self.flush();
            if self.requests.is_empty() {
                return None;
            }
            let word = wait::receive(&self.inbox, || {
                let until = self.delayed.next().map_or(self.look_at, |due| due.min(self.look_at));
                Some(self.common.instant(until))
            });
            self.now = self.common.now();
            word.into_iter().for_each(|word| self.hear(word));
            while let Ok(word) = self.inbox.try_recv() {
                self.hear(word);
            }
            while let Some((from, answer)) = self.delayed.pop(self.now) {
                self.take(from, answer);
            }
            if self.now >= self.look_at {
                self.look_through();
            }
            self.send_cx().hand_over();
        }
    }

    fn hear(&mut self, word: ClientInput<M>) {
        match word {
            ClientInput::Responses { from, responses } => {
                for answer in responses {
                    if answer.due > self.now {
                        self.delayed.push(answer.due, (from, answer));
                    } else {
                        self.take(from, answer);
                    }
                }
            }
            ClientInput::Down(node) => {
                for pending in self.requests.iter_mut().filter(|pending| pending.to == node) {
                    pending.again = self.now;
                }
                self.look_at = self.now;
            }
        }
    }

    /// Handles an answer that has become visible.
    fn take(&mut self, from: NodeId, Response { msg, ticket, reply, .. }: Response<M>) {
        let nodes = self.nodes();
        let request = self.requests.get_mut(ticket.number);
        let late = request.is_none();
        let heard = self.thread_trace.note(self.now, Cause::Carried(msg), || TypedEvent::Answer { msg, from, late });
        let Some(pending) = request else {
            self.stats.late += 1;
            return;
        };
        match M::disposition(&reply) {
            Disposition::Final => {
                self.contact = from;
                self.requests.settle(ticket.number);
                self.stats.answered += 1;
                self.ready.push_back(Ok((ticket, reply)));
            }
            // Nodes that redirect to each other do not know the leader: after a round of that, it
            // pauses.
            Disposition::Redirect(node) if node.index() < nodes && node != pending.to && pending.hops < nodes => {
                pending.hops += 1;
                pending.to = node;
                self.contact = node;
                self.stats.retries += 1;
                self.send(ticket.number, heard);
            }
            Disposition::Redirect(_) | Disposition::Retry => {
                pending.again = self.now + self.timeouts.pause;
                self.look_at = self.look_at.min(pending.again);
            }
        }
    }

    /// Checks all requests in flight: those that have waited long enough are retried or given up.
    fn look_through(&mut self) {
        self.look_at = Time::MAX;
        let hopeless = self.hopeless();
        for number in self.requests.numbers() {
            let ticket = RequestId { client: self.id, number };
            let Some(pending) = self.requests.get_mut(number) else { continue };
            let (again, wait) = (pending.again, pending.wait);
            let give_up = pending.begun + self.timeouts.deadline;
            let error = match &hopeless {
                Some(hopeless) => Some(hopeless(ticket)),
                None if self.now >= give_up => {
                    Some(AskError::NoAnswer { ticket, after: self.now.since(pending.begun) })
                }
                None => None,
            };
            if error.is_some() || self.now >= again {
                let gave_up = error.is_some();
                let timeout = self.thread_trace.note(self.now, wait, || TypedEvent::TimedOut { ticket, gave_up });
                match error {
                    Some(error) => self.give_up(number, error),
                    None => self.ask_next(number, timeout),
                }
            } else {
                self.look_at = self.look_at.min(again).min(give_up);
            }
        }
    }

    /// The reason why no answer can come any more, if there is one.
    fn hopeless(&self) -> Option<Box<dyn Fn(RequestId) -> AskError>> {
        if self.common.has_dismissed() {
            return Some(Box::new(|ticket| AskError::ShutDown { ticket }));
        }
        let nodes = (0..self.nodes() as u32).map(NodeId);
        if nodes.clone().any(|node| self.common.is_up(node)) {
            return None;
        }
        // A crashed node may be restarted; one that has failed is not expected back.
        let failures = self.common.failures();
        let all_failed = nodes.into_iter().all(|node| failures.iter().any(|failure| failure.node == node));
        all_failed.then(|| -> Box<dyn Fn(RequestId) -> AskError> {
            Box::new(move |ticket| AskError::AllFailed { ticket, failures: failures.clone() })
        })
    }

    fn give_up(&mut self, number: u64, error: AskError) {
        self.requests.settle(number);
        self.stats.given_up += 1;
        self.ready.push_back(Err(error));
    }

    fn ask_next(&mut self, number: u64, cause: Cause) {
        let nodes = self.nodes().max(1) as u32;
        if let Some(pending) = self.requests.get_mut(number) {
            pending.hops = 0;
            pending.to = NodeId((pending.to.0 + 1) % nodes);
            self.contact = pending.to;
        }
        self.stats.retries += 1;
        self.send(number, cause);
    }

    /// Adds a request to the next batch, for the first time or as a retry.
    fn send(&mut self, number: u64, cause: Cause) {
        let Some(pending) = self.requests.get_mut(number) else { return };
        let ticket = RequestId { client: self.id, number };
        let (to, command, msg) = (pending.to, &pending.command, self.thread_trace.number());
        let up = self.common.is_up(to);
        let due = self.now + if up { self.timeouts.attempt } else { self.timeouts.pause };
        let sent =
            self.thread_trace.note(self.now, cause, || TypedEvent::Ask { msg, to, ticket, command: command.clone() });
        pending.wait = self.thread_trace.note(self.now, sent, || TypedEvent::Wait { ticket, due });
        pending.again = due;
        self.look_at = self.look_at.min(due).min(pending.begun + self.timeouts.deadline);
        if up {
            let request = Request { msg, due: Time::ZERO, ticket, command: command.clone() };
            self.request_batch.put(to, request);
        } else {
            self.thread_trace
                .note(self.now, Cause::Carried(msg), || TypedEvent::Drop { msg, reason: DropReason::Crashed });
        }
    }

    /// Sends the batch of waiting requests.
    fn flush(&mut self) {
        if !self.request_batch.is_empty() {
            self.link_view.refresh(&self.common.links);
            let Client { common, id, back, request_batch, thread_trace, link_view, now, .. } = self;
            request_batch.send(*id, back, &mut SendContext { common, thread_trace, link_view, now: *now });
        }
    }

    fn send_cx(&mut self) -> SendContext<'_, M> {
        let Client { common, thread_trace, link_view, now, .. } = self;
        SendContext { common, thread_trace, link_view, now: *now }
    }

    fn nodes(&self) -> usize {
        self.common.inboxes.len()
    }
}

impl<M: Machine> Drop for Client<M> {
    fn drop(&mut self) {
        self.send_cx().hand_over();
    }
}

impl<M: Machine> std::fmt::Debug for Client<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("id", &self.id).field("tally", &self.stats).finish_non_exhaustive()
    }
}
