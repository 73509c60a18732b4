//! What every part of the simulator needs: the present moment, what is due, and the trace.

use quorate_protocol::{Heard, Machine, NodeId, Ticket, Time, Word};

use super::agenda::Agenda;
use crate::env::Fault;
use crate::trace::{EventId, Happened, Lane, MessageId, Recording};

/// Something that is due.
#[derive(Clone, Debug)]
pub(super) enum Due<M: Machine> {
    /// A message reaches a node.
    Message(Envelope<M>),
    /// A timer of a node may run out.
    Timer { node: NodeId, slot: u32, turn: u32 },
    /// A client's request reaches a node.
    Request { msg: MessageId, cause: Option<EventId>, to: NodeId, ticket: Ticket, command: M::Command },
    /// A node's answer reaches a client.
    Answer { msg: MessageId, cause: Option<EventId>, from: NodeId, ticket: Ticket, reply: M::Reply },
    /// A client's patience ends.
    Patience { client: u32, turn: u32 },
    /// A client is given something to ask for.
    Ask { client: u32, to: Option<NodeId>, command: M::Command },
    /// Something goes wrong, or right again.
    Fault(Box<Fault>),
}

/// A message on its way from node to node.
#[derive(Clone, Debug)]
pub(super) struct Envelope<M: Machine> {
    pub(super) msg: MessageId,
    pub(super) cause: Option<EventId>,
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) message: M::Message,
}

/// The present moment, what is due, and the trace of what was.
#[derive(Clone, Debug)]
pub(super) struct Core<M: Machine> {
    pub(super) now: Time,
    pub(super) agenda: Agenda<Due<M>>,
    pub(super) recording: Option<Recording<M>>,
    /// What clients asked for and were told.
    pub(super) heard: Vec<Heard<M>>,
    last_msg: u64,
}

impl<M: Machine> Core<M> {
    pub(super) fn new(recording: Option<Recording<M>>) -> Self {
        Core { now: Time::ZERO, agenda: Agenda::new(), recording, heard: Vec::new(), last_msg: 0 }
    }

    /// Records an event of this moment, if anybody wants it: what it says is put together only then.
    pub(super) fn record(
        &mut self,
        lane: Option<Lane>,
        cause: Option<EventId>,
        what: impl FnOnce() -> Happened<M>,
    ) -> Option<EventId> {
        let recording = self.recording.as_mut()?;
        Some(recording.push(self.now, lane, cause, what()))
    }

    /// Notes what happens to a client now.
    pub(super) fn hear(&mut self, ticket: Ticket, word: Word<M>) {
        self.heard.push(Heard { at: self.now, ticket, word });
    }

    /// A number for a message that sets out now.
    pub(super) fn next_msg(&mut self) -> MessageId {
        self.last_msg += 1;
        MessageId(self.last_msg)
    }

    /// Plans something for so many nanoseconds from now.
    #[inline]
    pub(super) fn plan_in(&mut self, nanos: u64, due: Due<M>) {
        let at = Time::from_nanos(self.now.as_nanos().saturating_add(nanos));
        self.agenda.plan(at, due);
    }
}
