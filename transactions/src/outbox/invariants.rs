//! Invariants of the local message table, checked from outside.

use std::collections::BTreeSet;

use quorate_protocol::{Invariant, InvariantViolation, StepView};

use super::message::{Fact, OutboxMessageId};
use super::node::MessageTable;

/// Nothing is lost: the message of an order is in the sender's table until the broker has it, and in
/// the broker's queue until the receiver has handled it, also after crashes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NothingLost {
    deleted: BTreeSet<OutboxMessageId>,
    queued: BTreeSet<OutboxMessageId>,
    waiting: BTreeSet<OutboxMessageId>,
    handled: BTreeSet<OutboxMessageId>,
}

impl NothingLost {
    fn note(&mut self, fact: &Fact) -> Result<(), String> {
        match fact {
            Fact::Placed { .. } => {}
            Fact::Deleted { id } if !self.queued.contains(id) => {
                return Err(format!("message {id} has left the table, and the broker does not have it"));
            }
            Fact::Deleted { id } => {
                self.deleted.insert(*id);
            }
            Fact::Queued { id } => {
                self.queued.insert(*id);
                self.waiting.insert(*id);
            }
            Fact::Removed { id } if !self.handled.contains(id) => {
                return Err(format!("message {id} has left the queue, and was not handled"));
            }
            Fact::Removed { id } => {
                self.waiting.remove(id);
            }
            Fact::Handled { id, .. } => {
                self.handled.insert(*id);
            }
        }
        Ok(())
    }

    /// Checks the tables of the node of this step.
    fn look(&self, seen: &StepView<'_, MessageTable>) -> Result<(), String> {
        let Some(machine) = seen.machine() else { return Ok(()) };
        let config = seen.constants.of(seen.node, ()).config;
        let messages: BTreeSet<OutboxMessageId> = machine.messages().collect();
        if seen.node == config.sender {
            let lost = machine.orders().find(|id| !messages.contains(id) && !self.deleted.contains(id));
            return lost.map_or(Ok(()), |id| Err(format!("order {id} is placed, and has no message")));
        }
        if seen.node == config.broker {
            let lost = self.waiting.iter().find(|id| !messages.contains(id));
            return lost.map_or(Ok(()), |id| Err(format!("message {id} was queued, and is not in the queue")));
        }
        Ok(())
    }
}

impl Invariant<MessageTable> for NothingLost {
    fn check(&mut self, seen: &StepView<'_, MessageTable>) -> Result<(), InvariantViolation> {
        let noted = seen.facts().try_for_each(|fact| self.note(fact));
        noted.and_then(|()| self.look(seen)).map_err(|detail| InvariantViolation::new("NothingLost", detail))
    }
}

/// Handled once: a message is handled at most once, and the receiver has shipped what the handled
/// messages say, no more and no less.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct HandledOnce {
    handled: BTreeSet<OutboxMessageId>,
    units: u64,
}

impl Invariant<MessageTable> for HandledOnce {
    fn check(&mut self, seen: &StepView<'_, MessageTable>) -> Result<(), InvariantViolation> {
        let broken = |detail| Err(InvariantViolation::new("HandledOnce", detail));
        for fact in seen.facts() {
            let Fact::Handled { id, units } = fact else { continue };
            if !self.handled.insert(*id) {
                return broken(format!("message {id} was handled twice"));
            }
            self.units = self.units.saturating_add(*units);
        }
        let receiver = seen.constants.of(seen.node, ()).config.receiver;
        let shipped = seen.machine().filter(|_| seen.node == receiver).map(MessageTable::shipped_in_all);
        match shipped {
            Some(shipped) if shipped != self.units => {
                broken(format!("{shipped} units are shipped, and the handled messages say {}", self.units))
            }
            _ => Ok(()),
        }
    }
}

/// Nothing is invented: a message that is handled belongs to an order.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NothingInvented {
    placed: BTreeSet<OutboxMessageId>,
}

impl Invariant<MessageTable> for NothingInvented {
    fn check(&mut self, seen: &StepView<'_, MessageTable>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match fact {
                Fact::Handled { id, .. } if !self.placed.contains(id) => {
                    let detail = format!("message {id} was handled, and there is no such order");
                    return Err(InvariantViolation::new("NothingInvented", detail));
                }
                _ => {}
            }
        }
        let sender = seen.constants.of(seen.node, ()).config.sender;
        let machine = seen.machine().filter(|_| seen.node == sender);
        self.placed.extend(machine.into_iter().flat_map(MessageTable::orders));
        Ok(())
    }
}

/// All invariants of the local message table.
pub type Safety = (NothingLost, HandledOnce, NothingInvented);
