//! Core of the simulator: the current time, the event queue and the trace.

use quorate_protocol::{ClientEvent, ClientEventKind, Machine, NodeId, RequestId, Time};

use super::event_queue::EventQueue;
use super::network::ClientMessage;
use crate::env::Fault;
use crate::trace::{EventId, Lane, MessageId, Recording, TypedEvent, payload};

/// A scheduled event.
#[derive(Clone, Debug)]
pub(super) enum Scheduled<M: Machine> {
    /// A message reaches a node.
    Message(Envelope<M>),
    /// A timer of a node may fire.
    Timer { node: NodeId, slot: u32, turn: u32 },
    /// A node's work on the first input of its inbox ends.
    Done { node: NodeId, turn: u32 },
    /// A client's request reaches a node, or a node's reply its client.
    Client(ClientEnvelope<M>),
    /// A client's request times out.
    ClientTimeout { client: u32, turn: u32 },
    /// A client receives a request to send.
    Ask { client: u32, to: Option<NodeId>, command: M::Command },
    /// A fault begins or ends.
    Fault(Box<Fault>),
}

/// A message in flight between nodes.
#[derive(Clone, Debug)]
pub(super) struct Envelope<M: Machine> {
    pub(super) msg: MessageId,
    pub(super) cause: Option<EventId>,
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) message: M::Message,
}

/// A message in flight between a client and a node.
#[derive(Clone, Debug)]
pub(super) struct ClientEnvelope<M: Machine> {
    pub(super) msg: MessageId,
    pub(super) cause: Option<EventId>,
    /// The node that it goes to or comes from.
    pub(super) node: NodeId,
    pub(super) ticket: RequestId,
    pub(super) content: ClientContent<M>,
}

/// Content of a message between a client and a node.
#[derive(Clone, Debug)]
pub(super) enum ClientContent<M: Machine> {
    /// The client's request.
    Request(M::Command),
    /// The node's reply.
    Reply(M::Reply),
}

impl<M: Machine> ClientContent<M> {
    /// Its name in traces.
    pub(super) fn name(&self) -> String {
        match self {
            ClientContent::Request(command) => payload(command, "Request").name,
            ClientContent::Reply(reply) => payload(reply, "Reply").name,
        }
    }

    /// The content as interceptors see it.
    pub(super) fn as_message(&self) -> ClientMessage<'_, M> {
        match self {
            ClientContent::Request(command) => ClientMessage::Request(command),
            ClientContent::Reply(reply) => ClientMessage::Reply(reply),
        }
    }
}

impl<M: Machine> ClientEnvelope<M> {
    /// Its sender and its receiver.
    pub(super) fn ends(&self) -> (Lane, Lane) {
        let (node, client) = (Lane::Node(self.node), Lane::Client(self.ticket.client));
        match self.content {
            ClientContent::Request(_) => (client, node),
            ClientContent::Reply(_) => (node, client),
        }
    }
}

/// The current time, the event queue and the trace.
#[derive(Clone, Debug)]
pub(super) struct Core<M: Machine> {
    pub(super) now: Time,
    pub(super) queue: EventQueue<Scheduled<M>>,
    pub(super) recording: Option<Recording<M>>,
    /// Requests and replies of clients.
    pub(super) heard: Vec<ClientEvent<M>>,
    last_msg: u64,
}

impl<M: Machine> Core<M> {
    pub(super) fn new(recording: Option<Recording<M>>) -> Self {
        Core { now: Time::ZERO, queue: EventQueue::new(), recording, heard: Vec::new(), last_msg: 0 }
    }

    /// Records an event at the current time, if there is a trace. The event is only built if it is
    /// needed.
    pub(super) fn record(
        &mut self,
        lane: Option<Lane>,
        cause: Option<EventId>,
        what: impl FnOnce() -> TypedEvent<M>,
    ) -> Option<EventId> {
        let recording = self.recording.as_mut()?;
        Some(recording.push(self.now, lane, cause, what()))
    }

    /// Records a request or reply of a client.
    pub(super) fn hear(&mut self, ticket: RequestId, word: ClientEventKind<M>) {
        self.heard.push(ClientEvent { at: self.now, ticket, kind: word });
    }

    /// Returns the id of a new message.
    pub(super) fn next_msg(&mut self) -> MessageId {
        self.last_msg += 1;
        MessageId(self.last_msg)
    }

    /// Schedules an event in this many nanoseconds.
    #[inline]
    pub(super) fn schedule_in(&mut self, nanos: u64, due: Scheduled<M>) {
        let at = Time::from_nanos(self.now.as_nanos().saturating_add(nanos));
        self.queue.schedule(at, due);
    }
}
