//! Manual control of a world: every message is held until it is delivered, and every timer waits
//! until it is fired.
//!
//! This is how a schedule is run message by message. A node's message to itself still arrives at
//! once, and replies reach the clients that were [prompted](World::prompt).

use quorate_protocol::{ClientId, Invariant, Machine, NodeId, Ticket, Time, Word};

use super::halt::Halt;
use super::world::World;
use crate::env::{Misfit, Status, TICKET_MAX};
use crate::trace::MessageId;

/// A held message.
#[derive(Debug)]
pub struct Waiting<'a, M: Machine> {
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
    pub fn waiting(&self) -> impl DoubleEndedIterator<Item = Waiting<'_, M>> + ExactSizeIterator {
        let held = self.network.waiting().iter();
        held.map(|held| Waiting { msg: held.msg, from: held.from, to: held.to, message: &held.message })
    }

    /// Returns the held messages that were sent after this one, in the order of sending.
    pub fn waiting_since(&self, last: MessageId) -> impl ExactSizeIterator<Item = Waiting<'_, M>> {
        let held = self.network.waiting();
        let older = held.partition_point(|held| held.msg <= last);
        let newer = held[older..].iter();
        newer.map(|held| Waiting { msg: held.msg, from: held.from, to: held.to, message: &held.message })
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

    /// Like [`prompt`](Self::prompt), with a request number that the client chooses. If it has used
    /// the number before, this is a retry of the same request.
    ///
    /// # Errors
    /// As [`prompt`](Self::prompt), and [`Misfit::TicketOutOfRange`] if the number is too large.
    pub fn prompt_as(&mut self, ticket: Ticket, to: NodeId, command: M::Command) -> Result<(), Halt> {
        self.may_prompt(to)?;
        if ticket.number > TICKET_MAX {
            return Err(Misfit::TicketOutOfRange(ticket.number).into());
        }
        let client: ClientId = ticket.client;
        let asking = self.clients.get_mut(client.index()).ok_or(Misfit::NoSuchClient(client))?;
        asking.prompt_as(ticket);
        if !self.core.heard.iter().any(|heard| heard.ticket == ticket) {
            self.core.hear(ticket, Word::Asks(command.clone()));
        }
        self.put(ticket, to, command)
    }

    /// Checks that a node accepts a request now.
    pub(super) fn may_prompt(&self, to: NodeId) -> Result<(), Halt> {
        self.unbroken()?;
        match self.status(to) {
            Some(Status::Up) => Ok(()),
            Some(status) => Err(Misfit::WrongStatus { node: to, status }.into()),
            None => Err(Misfit::NoSuchNode(to).into()),
        }
    }
}
