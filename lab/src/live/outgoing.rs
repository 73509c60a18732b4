//! Outgoing messages and answers of a batch: one channel operation per recipient.

use quorate_protocol::{ClientId, Machine, NodeId, Time};

use super::links::{LinkView, SendDecision};
use super::thread_trace::{Cause, ThreadTrace};
use super::threads::{Ordering, Sender};
use super::wire::{ClientInput, Common, Envelope, NodeInput, Response};
use crate::trace::{DropReason, MessageId, TypedEvent};

/// Messages and answers that wait for the sync.
#[derive(Debug)]
pub(super) struct Outgoing<M: Machine> {
    me: NodeId,
    envelopes: Vec<Vec<Envelope<M>>>,
    /// By client: those that have sent requests to this node since it booted.
    clients: Vec<Option<ReplyChannel<M>>>,
    /// The clients with pending answers.
    answered: Vec<ClientId>,
}

/// The reply channel of a client, with its pending answers.
#[derive(Debug)]
struct ReplyChannel<M: Machine> {
    sender: Sender<ClientInput<M>>,
    responses: Vec<Response<M>>,
}

/// The parts of a node that sending needs: its trace buffer, its random numbers, the time.
pub(super) struct SendContext<'a, M: Machine> {
    pub(super) common: &'a Common<M>,
    pub(super) thread_trace: &'a mut ThreadTrace<M>,
    pub(super) link_view: &'a mut LinkView,
    pub(super) now: Time,
}

impl<M: Machine> Outgoing<M> {
    pub(super) fn new(me: NodeId, nodes: usize) -> Self {
        let envelopes = (0..nodes).map(|_| Vec::new()).collect();
        Outgoing { me, envelopes, clients: Vec::new(), answered: Vec::new() }
    }

    /// Registers the reply channel of a client.
    pub(super) fn register_client(&mut self, client: ClientId, sender: Sender<ClientInput<M>>) {
        let index = client.index();
        if self.clients.len() <= index {
            self.clients.resize_with(index + 1, || None);
        }
        if self.clients[index].is_none() {
            self.clients[index] = Some(ReplyChannel { sender, responses: Vec::new() });
        }
    }

    /// Adds a message. Gives it back if there is no such node.
    pub(super) fn envelope(&mut self, to: NodeId, envelope: Envelope<M>) -> Result<(), Envelope<M>> {
        match self.envelopes.get_mut(to.index()) {
            Some(envelopes) => envelopes.push(envelope),
            None => return Err(envelope),
        }
        Ok(())
    }

    /// Adds an answer. Gives it back if the client has no channel here: it will retry.
    pub(super) fn answer(&mut self, client: ClientId, answer: Response<M>) -> Result<(), Response<M>> {
        let Some(Some(back)) = self.clients.get_mut(client.index()) else { return Err(answer) };
        if back.responses.is_empty() {
            self.answered.push(client);
        }
        back.responses.push(answer);
        Ok(())
    }

    /// Number of pending messages.
    pub(super) fn envelopes(&self) -> usize {
        self.envelopes.iter().map(Vec::len).sum()
    }

    /// Sends everything. Returns the number of messages sent.
    pub(super) fn send(&mut self, send_cx: &mut SendContext<'_, M>) -> usize {
        let mut count = 0;
        for index in 0..self.envelopes.len() {
            let waiting = &mut self.envelopes[index];
            if !waiting.is_empty() {
                count += waiting.len();
                let envelopes = std::mem::replace(waiting, Vec::with_capacity(waiting.len()));
                self.post(NodeId(index as u32), envelopes, send_cx);
            }
        }
        for client in std::mem::take(&mut self.answered) {
            if let Some(Some(back)) = self.clients.get_mut(client.index()) {
                let room = Vec::with_capacity(back.responses.len());
                let responses = std::mem::replace(&mut back.responses, room);
                send_cx.answer(self.me, back, responses);
            }
        }
        count
    }

    /// The last message that is sent if only the first `count` are, in the order of creation;
    /// `None` if there is none.
    pub(super) fn last_of(&self, count: usize) -> Option<MessageId> {
        let mut waiting: Vec<MessageId> = self.envelopes.iter().flatten().map(|envelope| envelope.msg).collect();
        waiting.sort_unstable();
        waiting.truncate(count);
        waiting.last().copied()
    }

    /// Sends the messages up to this one and discards everything else: a crash happens in between.
    /// Returns the number of messages sent.
    pub(super) fn send_until(&mut self, last: Option<MessageId>, send_cx: &mut SendContext<'_, M>) -> usize {
        let mut count = 0;
        for index in 0..self.envelopes.len() {
            let mut envelopes = std::mem::take(&mut self.envelopes[index]);
            envelopes.retain(|envelope| last.is_some_and(|last| envelope.msg <= last));
            count += envelopes.len();
            self.post(NodeId(index as u32), envelopes, send_cx);
        }
        for client in std::mem::take(&mut self.answered) {
            if let Some(Some(back)) = self.clients.get_mut(client.index()) {
                back.responses.clear();
            }
        }
        count
    }

    /// Notifies every client of this node that it will send no more answers.
    pub(super) fn notify_down(&mut self) {
        for back in self.clients.iter().flatten() {
            // A client that has ended need not know.
            _ = back.sender.send(ClientInput::Down(self.me));
        }
    }

    fn post(&self, to: NodeId, envelopes: Vec<Envelope<M>>, send_cx: &mut SendContext<'_, M>) {
        if envelopes.is_empty() {
            return;
        }
        let inbox = &send_cx.common.inboxes[to.index()];
        if !inbox.up.load(Ordering::Acquire) {
            return envelopes.iter().for_each(|envelope| send_cx.lose(envelope.msg, DropReason::Crashed));
        }
        let from = self.me;
        let envelopes = if send_cx.link_view.is_clear() {
            envelopes
        } else {
            let mut sent = Vec::with_capacity(envelopes.len());
            for envelope in envelopes {
                let decision = send_cx.link_view.between(from, to, send_cx.now);
                send_cx.carry(envelope.msg, decision, |msg, due| sent.push(Envelope { msg, due, ..envelope.clone() }));
            }
            sent
        };
        // `Common` keeps the receiving end, so the channel is never closed.
        _ = inbox.sender.send(NodeInput::Messages { from, envelopes });
    }
}

impl<M: Machine> SendContext<'_, M> {
    fn answer(&mut self, from: NodeId, back: &ReplyChannel<M>, responses: Vec<Response<M>>) {
        let responses = if self.link_view.is_clear() {
            responses
        } else {
            let mut sent = Vec::with_capacity(responses.len());
            for answer in responses {
                let decision = self.link_view.anywhere(self.now);
                self.carry(answer.msg, decision, |msg, due| sent.push(Response { msg, due, ..answer.clone() }));
            }
            sent
        };
        if let Err(unsent) = back.sender.send(ClientInput::Responses { from, responses })
            && let ClientInput::Responses { responses, .. } = unsent.0
        {
            responses.iter().for_each(|answer| self.lose(answer.msg, DropReason::Crashed));
        }
    }

    /// Applies the network's decision to a message: `send` is called for each copy, with its number
    /// and its earliest delivery time.
    pub(super) fn carry(&mut self, msg: MessageId, decision: SendDecision, mut send: impl FnMut(MessageId, Time)) {
        match decision {
            SendDecision::Drop(reason) => self.lose(msg, reason),
            SendDecision::Deliver(due, again) => {
                send(msg, due);
                if let Some(again) = again {
                    let copy = self.thread_trace.number();
                    self.thread_trace.note(self.now, Cause::Carried(msg), || TypedEvent::Duplicate { msg, copy });
                    send(copy, again);
                }
            }
        }
    }

    /// Hands the recorded trace events of a client over to the collector.
    pub(super) fn hand_over(&mut self) {
        if !self.thread_trace.is_blank() {
            // Once the cluster is dropped there is no collector any more.
            _ = self.common.chunks.send(self.thread_trace.take(self.now));
        }
    }

    /// Records that a message will never arrive.
    pub(super) fn lose(&mut self, msg: MessageId, reason: DropReason) {
        self.thread_trace.note(self.now, Cause::Carried(msg), || TypedEvent::Drop { msg, reason });
    }
}
