//! Single messages under way, in flight or held: each can be delivered, dropped, held, delayed,
//! duplicated or [forged](super::forge) by itself.

use quorate_protocol::{Duration, Invariant, Machine, Time};

use super::core::{ClientEnvelope, Envelope, Scheduled};
use super::network::{ClientInFlight, ClientMessage, copy_for_client, drop_client_message, drop_message};
use super::run_error::RunError;
use super::world::World;
use crate::trace::{DropReason, EventId, Lane, MessageId};

/// A message, request or reply under way.
#[derive(Debug)]
pub struct UnderWay<'a, M: Machine> {
    /// Its id; later messages have higher ones.
    pub msg: MessageId,
    /// The sender.
    pub from: Lane,
    /// The receiver.
    pub to: Lane,
    /// Its content.
    pub content: UnderWayContent<'a, M>,
    /// The event that sent it, if the run is traced.
    pub sent: Option<EventId>,
    /// The time at which it arrives; `None` if it is held.
    pub due: Option<Time>,
}

/// Content of a message under way.
#[derive(Debug)]
pub enum UnderWayContent<'a, M: Machine> {
    /// A message between nodes.
    Message(&'a M::Message),
    /// A request or a reply.
    Client(ClientMessage<'a, M>),
}

/// A message that was taken out of the network.
enum Taken<M: Machine> {
    Message(Envelope<M>),
    Client(ClientEnvelope<M>),
}

impl<M: Machine> Taken<M> {
    fn schedule(self) -> Scheduled<M> {
        match self {
            Taken::Message(envelope) => Scheduled::Message(envelope),
            Taken::Client(envelope) => Scheduled::Client(envelope),
        }
    }
}

fn of_node<M: Machine>(envelope: &Envelope<M>, due: Option<Time>) -> UnderWay<'_, M> {
    UnderWay {
        msg: envelope.msg,
        from: envelope.from.into(),
        to: envelope.to.into(),
        content: UnderWayContent::Message(&envelope.message),
        sent: envelope.cause,
        due,
    }
}

fn of_client<M: Machine>(envelope: &ClientEnvelope<M>, due: Option<Time>) -> UnderWay<'_, M> {
    let ClientInFlight { from, to, message } = ClientInFlight::from(envelope);
    UnderWay { msg: envelope.msg, from, to, content: UnderWayContent::Client(message), sent: envelope.cause, due }
}

/// The id of the message that an event delivers.
fn message_of<M: Machine>(scheduled: &Scheduled<M>) -> Option<MessageId> {
    match scheduled {
        Scheduled::Message(envelope) => Some(envelope.msg),
        Scheduled::Client(envelope) => Some(envelope.msg),
        _ => None,
    }
}

impl<M: Machine, I: Invariant<M>> World<M, I> {
    /// Returns all messages, requests and replies under way, in flight or held, in the order of
    /// their ids. A message that waits at a paused node
    /// has arrived.
    pub fn under_way(&self) -> Vec<UnderWay<'_, M>> {
        let in_flight = self.core.queue.iter().filter_map(|(due, scheduled)| match scheduled {
            Scheduled::Message(envelope) => Some(of_node(envelope, Some(due))),
            Scheduled::Client(envelope) => Some(of_client(envelope, Some(due))),
            _ => None,
        });
        let held = self.network.held.iter().map(|envelope| of_node(envelope, None));
        let of_clients = self.network.held_clients.iter().map(|envelope| of_client(envelope, None));
        let mut all: Vec<UnderWay<'_, M>> = in_flight.chain(held).chain(of_clients).collect();
        all.sort_by_key(|each| each.msg);
        all
    }

    /// Delivers a message under way now, before anything else that is due. Returns whether it was
    /// under way.
    ///
    /// # Errors
    /// The [`Violation`](super::Violation) that ended the run, now or earlier.
    pub fn deliver_under_way(&mut self, msg: MessageId) -> Result<bool, RunError> {
        self.unbroken()?;
        let Some((taken, _)) = self.take_under_way(msg) else { return Ok(false) };
        self.events += 1;
        self.network.add_in_flight();
        let result = self.names.clone().scope(|| self.perform(taken.schedule()));
        self.keep(result.map_err(RunError::from))?;
        Ok(true)
    }

    /// Drops a message under way. Returns whether it was under way.
    pub fn drop_under_way(&mut self, msg: MessageId) -> bool {
        match self.take_under_way(msg) {
            None => return false,
            Some((Taken::Message(envelope), _)) => drop_message(&mut self.core, &envelope, DropReason::Script),
            Some((Taken::Client(envelope), _)) => drop_client_message(&mut self.core, &envelope, DropReason::Script),
        }
        true
    }

    /// Holds a message in flight until it is released or delivered. Returns whether it was in
    /// flight.
    pub fn hold_under_way(&mut self, msg: MessageId) -> bool {
        match self.take_under_way(msg) {
            None => return false,
            Some((Taken::Message(envelope), _)) => {
                let held = &mut self.network.held;
                held.insert(held.partition_point(|other| other.msg < msg), envelope);
            }
            Some((Taken::Client(envelope), _)) => {
                let held = &mut self.network.held_clients;
                held.insert(held.partition_point(|other| other.msg < msg), envelope);
            }
        }
        true
    }

    /// Lets a message under way arrive this much later than it would; one that is held, this much
    /// later than now. Returns whether it was under way.
    pub fn delay_under_way(&mut self, msg: MessageId, later: Duration) -> bool {
        let Some((taken, due)) = self.take_under_way(msg) else { return false };
        self.network.add_in_flight();
        self.core.queue.schedule(due.unwrap_or(self.core.now) + later, taken.schedule());
        true
    }

    /// Sends a copy of a message under way, which arrives this much later than it does; the copy of
    /// one that is held, this much later than now. Returns whether it was under way.
    pub fn duplicate_under_way(&mut self, msg: MessageId, later: Duration) -> bool {
        let held = self.network.held.iter().find(|held| held.msg == msg).cloned().map(Taken::Message);
        let held_client = || self.network.held_clients.iter().find(|held| held.msg == msg).cloned().map(Taken::Client);
        let in_flight = || {
            self.core.queue.iter().find_map(|(due, scheduled)| match scheduled {
                Scheduled::Message(envelope) if envelope.msg == msg => Some((Taken::Message(envelope.clone()), due)),
                Scheduled::Client(envelope) if envelope.msg == msg => Some((Taken::Client(envelope.clone()), due)),
                _ => None,
            })
        };
        let held = held.or_else(held_client).map(|held| (held, self.core.now));
        let Some((original, due)) = held.or_else(in_flight) else { return false };
        let copy = match original {
            Taken::Message(envelope) => Taken::Message(self.network.copy(&mut self.core, &envelope, msg)),
            Taken::Client(envelope) => Taken::Client(copy_for_client(&mut self.core, &envelope)),
        };
        self.network.add_in_flight();
        self.core.queue.schedule(due + later, copy.schedule());
        true
    }

    /// Takes a message out of the network, with the time at which it would arrive.
    fn take_under_way(&mut self, msg: MessageId) -> Option<(Taken<M>, Option<Time>)> {
        if let Some(place) = self.network.held.iter().position(|held| held.msg == msg) {
            return Some((Taken::Message(self.network.held.remove(place)), None));
        }
        if let Some(place) = self.network.held_clients.iter().position(|held| held.msg == msg) {
            return Some((Taken::Client(self.network.held_clients.remove(place)), None));
        }
        let (due, scheduled) = self.core.queue.remove(|scheduled| message_of(scheduled) == Some(msg))?;
        self.network.remove_in_flight();
        match scheduled {
            Scheduled::Message(envelope) => Some((Taken::Message(envelope), Some(due))),
            Scheduled::Client(envelope) => Some((Taken::Client(envelope), Some(due))),
            _ => None,
        }
    }
}
