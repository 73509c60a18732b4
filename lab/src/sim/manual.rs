//! Manual control of a world: every message is held until it is delivered, and every timer waits
//! until it is fired.
//!
//! This is how a schedule is run message by message. A node's message to itself still arrives at
//! once, and replies reach clients whose requests were [injected](World::inject_request).

use quorate_protocol::{ClientEventKind, ClientId, Invariant, Machine, NodeId, RequestId, Time};

use super::network::ClientInFlight;
use super::run_error::RunError;
use super::world::World;
use crate::env::{InjectError, REQUEST_NUMBER_MAX, Status};
use crate::trace::MessageId;

/// A held message.
#[derive(Debug)]
pub struct HeldMessage<'a, M: Machine> {
    /// Its id; later messages have higher ones.
    pub msg: MessageId,
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// Its content.
    pub message: &'a M::Message,
}

impl<M: Machine, I: Invariant<M>> World<M, I> {
    /// Returns every held message, in the order of sending.
    pub fn held_messages(&self) -> impl DoubleEndedIterator<Item = HeldMessage<'_, M>> + ExactSizeIterator {
        let held = self.network.held_messages().iter();
        held.map(|held| HeldMessage { msg: held.msg, from: held.from, to: held.to, message: &held.message })
    }

    /// Returns every held request and reply of clients, in the order of sending.
    pub fn held_client_messages(&self) -> impl Iterator<Item = (MessageId, ClientInFlight<'_, M>)> {
        self.network.held_client_messages()
    }

    /// Returns the held messages that were sent after this one, in the order of sending.
    pub fn held_since(&self, last: MessageId) -> impl ExactSizeIterator<Item = HeldMessage<'_, M>> {
        let held = self.network.held_messages();
        let older = held.partition_point(|held| held.msg <= last);
        let newer = held[older..].iter();
        newer.map(|held| HeldMessage { msg: held.msg, from: held.from, to: held.to, message: &held.message })
    }

    /// Schedules the delivery of a held message, or of a copy of it, for now. Returns whether it is
    /// held.
    ///
    /// It is delivered when the world runs on, after all events that are already scheduled for this
    /// time.
    pub fn deliver(&mut self, msg: MessageId, copy: bool) -> bool {
        self.network.hand_over(&mut self.core, msg, copy)
    }

    /// Returns the true time at which a timer of a node fires; `None` if it is not armed.
    pub fn due(&self, node: NodeId, timer: &M::Timer) -> Option<Time> {
        self.armed(node).find(|(armed, _)| *armed == timer).map(|(_, due)| due)
    }

    /// Like [`inject_request`](Self::inject_request), with a request number that the client
    /// chooses. If it has used the number before, this is a retry of the same request.
    ///
    /// # Errors
    /// As [`inject_request`](Self::inject_request), and [`InjectError::RequestNumberOutOfRange`] if the
    /// number is too large.
    pub fn inject_request_as(&mut self, ticket: RequestId, to: NodeId, command: M::Command) -> Result<(), RunError> {
        self.can_inject_request(to)?;
        if ticket.number > REQUEST_NUMBER_MAX {
            return Err(InjectError::RequestNumberOutOfRange(ticket.number).into());
        }
        let client: ClientId = ticket.client;
        let client = self.clients.get_mut(client.index()).ok_or(InjectError::NoSuchClient(client))?;
        client.register_injected_as(ticket);
        if !self.core.heard.iter().any(|heard| heard.ticket == ticket) {
            self.core.hear(ticket, ClientEventKind::Invocation(command.clone()));
        }
        self.deliver_request(ticket, to, command)
    }

    /// Checks that a node accepts a request now.
    pub(super) fn can_inject_request(&self, to: NodeId) -> Result<(), RunError> {
        self.unbroken()?;
        match self.status(to) {
            Some(Status::Up) => Ok(()),
            Some(status) => Err(InjectError::WrongStatus { node: to, status }.into()),
            None => Err(InjectError::NoSuchNode(to).into()),
        }
    }
}
