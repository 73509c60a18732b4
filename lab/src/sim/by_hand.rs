//! A world by hand: every message waits until it is delivered, and every timer until it is made to run out.
//!
//! That is how a schedule is performed message by message. What a node says to itself still arrives at once, and answers reach
//! the clients that were [prompted](World::prompt).

use quorate_protocol::{ClientId, Invariant, Machine, NodeId, Ticket, Time, Word};

use super::halt::Halt;
use super::world::World;
use crate::env::{Misfit, Status, TICKET_MAX};
use crate::trace::MessageId;

/// A message that is held.
#[derive(Debug)]
pub struct Waiting<'a, M: Machine> {
    /// Its number: later messages have higher ones.
    pub msg: MessageId,
    /// The sender.
    pub from: NodeId,
    /// The node that should get it.
    pub to: NodeId,
    /// What it says.
    pub message: &'a M::Message,
}

impl<M: Machine, I: Invariant<M>> World<M, I> {
    /// Every held message, in the order in which they were sent.
    pub fn waiting(&self) -> impl DoubleEndedIterator<Item = Waiting<'_, M>> + ExactSizeIterator {
        let held = self.network.waiting().iter();
        held.map(|held| Waiting { msg: held.msg, from: held.from, to: held.to, message: &held.message })
    }

    /// The held messages that were sent after this one, in the order in which they were sent.
    pub fn waiting_since(&self, last: MessageId) -> impl ExactSizeIterator<Item = Waiting<'_, M>> {
        let held = self.network.waiting();
        let older = held.partition_point(|held| held.msg <= last);
        let newer = held[older..].iter();
        newer.map(|held| Waiting { msg: held.msg, from: held.from, to: held.to, message: &held.message })
    }

    /// Makes a held message, or a copy of it, due now. Returns whether it is held.
    ///
    /// It arrives when the world goes on, after what is due at this instant anyway.
    pub fn deliver(&mut self, msg: MessageId, copy: bool) -> bool {
        self.network.hand_over(&mut self.core, msg, copy)
    }

    /// When a timer of a node runs out in truth; `None` if it is not armed.
    pub fn due(&self, node: NodeId, timer: &M::Timer) -> Option<Time> {
        self.armed(node).find(|(armed, _)| *armed == timer).map(|(_, due)| due)
    }

    /// Like [`prompt`](Self::prompt), with the number that the client gives its request: one that it has used before makes this
    /// the same request once more.
    ///
    /// # Errors
    /// The same.
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

    /// Whether a node can be asked now.
    pub(super) fn may_prompt(&self, to: NodeId) -> Result<(), Halt> {
        self.unbroken()?;
        match self.status(to) {
            Some(Status::Up) => Ok(()),
            Some(status) => Err(Misfit::WrongStatus { node: to, status }.into()),
            None => Err(Misfit::NoSuchNode(to).into()),
        }
    }
}
