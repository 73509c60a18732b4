//! Outgoing requests of a client: one batch for each node.

use quorate_protocol::{ClientId, Machine, NodeId};

use super::outgoing::SendContext;
use super::threads::Sender;
use super::wire::{ClientInput, NodeInput, Request};

/// Requests that are sent together.
#[derive(Debug)]
pub(super) struct RequestBatch<M: Machine> {
    /// By node.
    requests: Vec<Vec<Request<M>>>,
    count: usize,
}

impl<M: Machine> RequestBatch<M> {
    pub(super) fn new(nodes: usize) -> Self {
        RequestBatch { requests: (0..nodes).map(|_| Vec::new()).collect(), count: 0 }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn put(&mut self, to: NodeId, request: Request<M>) {
        self.requests[to.index()].push(request);
        self.count += 1;
    }

    /// Sends all waiting requests.
    pub(super) fn send(&mut self, client: ClientId, back: &Sender<ClientInput<M>>, send_cx: &mut SendContext<'_, M>) {
        self.count = 0;
        for (index, waiting) in self.requests.iter_mut().enumerate().filter(|(_, waiting)| !waiting.is_empty()) {
            let room = Vec::with_capacity(waiting.len());
            let requests = expose(std::mem::replace(waiting, room), send_cx);
            // The trace of the request is handed over before the request can arrive.
            send_cx.hand_over();
            // `Common` keeps the receiving end, so the channel is never closed.
            _ = send_cx.common.inboxes[index].sender.send(NodeInput::Requests { client, back: back.clone(), requests });
        }
    }
}

/// Applies the network's loss, duplication and delay to requests.
fn expose<M: Machine>(waiting: Vec<Request<M>>, send_cx: &mut SendContext<'_, M>) -> Vec<Request<M>> {
    if send_cx.link_view.is_clear() {
        return waiting;
    }
    let mut sent = Vec::with_capacity(waiting.len());
    for request in waiting {
        let decision = send_cx.link_view.anywhere(send_cx.now);
        send_cx.carry(request.msg, decision, |msg, due| sent.push(Request { msg, due, ..request.clone() }));
    }
    sent
}
