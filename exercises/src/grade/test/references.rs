//! Reference invariants that the protocol crates do not have, because they use facts only.

use std::collections::{BTreeMap, BTreeSet};

use quorate_paxos::{Ballot, Fact, Paxos};
use quorate_protocol::{Invariant, InvariantViolation, NodeId, StepView};
use quorate_transactions::outbox::{self, MessageTable, OutboxMessageId};

/// The ballots that an acceptor promises and accepts never decrease, also across crashes (*Paxos
/// Made Simple* §2.2, P1a).
///
/// `PromisesNeverDecrease` inspects the machines for this. From facts alone, a violation shows only
/// at the acceptor's next fact.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct BallotsNeverFall(BTreeMap<NodeId, Ballot>);

impl Invariant<Paxos> for BallotsNeverFall {
    fn check(&mut self, seen: &StepView<'_, Paxos>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            let (Fact::Promised { ballot } | Fact::Accepted { ballot, .. }) = fact else { continue };
            let highest = self.0.entry(seen.node).or_insert(*ballot);
            if ballot < highest {
                let detail =
                    format!("{} has handled ballot {highest}, and now handles the lower ballot {ballot}", seen.node);
                return Err(InvariantViolation::new("BallotsNeverFall", detail));
            }
            *highest = *ballot;
        }
        Ok(())
    }
}

/// A message is handed on step by step: it is placed before it is queued, queued before the sender
/// deletes it, and handled, once, before the broker removes it (Pritchett 2008 and Helland 2007).
///
/// `NothingLost` and `HandledOnce` inspect the tables, too. From facts alone, a message that is
/// lost in a crash of its node shows nowhere.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct HandedOn {
    placed: BTreeSet<OutboxMessageId>,
    queued: BTreeSet<OutboxMessageId>,
    handled: BTreeSet<OutboxMessageId>,
}

impl HandedOn {
    /// The contradiction of a fact to those before it.
    fn contradiction(&mut self, fact: &outbox::Fact) -> Option<String> {
        use outbox::Fact::{Deleted, Handled, Placed, Queued, Removed};
        match fact {
            Placed { id, .. } => {
                self.placed.insert(*id);
                None
            }
            Queued { id } => {
                self.queued.insert(*id);
                (!self.placed.contains(id)).then(|| format!("message {id} is queued, and there is no such order"))
            }
            Deleted { id } => (!self.queued.contains(id))
                .then(|| format!("message {id} has left the table, and the broker does not have it")),
            Handled { id, .. } => (!self.handled.insert(*id)).then(|| format!("message {id} is handled twice")),
            Removed { id } => {
                (!self.handled.contains(id)).then(|| format!("message {id} has left the queue, and was not handled"))
            }
        }
    }
}

impl Invariant<MessageTable> for HandedOn {
    fn check(&mut self, seen: &StepView<'_, MessageTable>) -> Result<(), InvariantViolation> {
        match seen.facts().find_map(|fact| self.contradiction(fact)) {
            None => Ok(()),
            Some(detail) => Err(InvariantViolation::new("HandedOn", detail)),
        }
    }
}
