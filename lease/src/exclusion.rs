//! Mutual exclusion, checked from outside by true time.
//!
//! No node's clock is read. Acts, acquisitions and losses are seen in their true order, which is
//! enough to tell whether two nodes were primary at the same instant.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, Machine, NodeId, StepView, Time};

use crate::id::{LeaseId, Token};
use crate::primary::{Fact, Loss};

/// A machine whose facts the invariants can read.
pub trait Observable: Machine {
    /// Identifier of a lease.
    type Name: Clone + Ord + Hash + Debug + Display + Send + 'static;

    /// Lease event reported by a fact, if it reports one about who is primary. Shared leases do not
    /// count.
    fn observe(fact: &Self::Fact) -> Option<(Self::Name, Token, LeaseEvent)>;

    /// The token under which a resource has accepted a write, if the fact says so.
    fn accepted(fact: &Self::Fact) -> Option<Token> {
        let _ = fact;
        None
    }
}

/// An event in the life of a lease.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LeaseEvent {
    /// The lease was granted to that node, or renewed.
    Granted(NodeId),
    /// The node holds the lease, newly or for longer.
    Held,
    /// The node acted under it.
    Acted,
    /// The node no longer holds the lease.
    Lost(Loss),
}

/// Lease event of a fact about the primary lease, for machines that share these facts.
pub(crate) fn observe(fact: &Fact) -> Option<(LeaseId, Token, LeaseEvent)> {
    let (lease, token, event) = match *fact {
        Fact::LeaseGranted { lease, token, holder, .. } => (lease, token, LeaseEvent::Granted(holder)),
        Fact::LeaseHeld { lease, token, .. } => (lease, token, LeaseEvent::Held),
        Fact::Acted { lease, token } => (lease, token, LeaseEvent::Acted),
        Fact::LeaseLost { lease, token, reason } => (lease, token, LeaseEvent::Lost(reason)),
        Fact::WriteAccepted { .. } | Fact::WriteRefused { .. } => return None,
    };
    (lease == LeaseId::Primary).then_some((lease, token, event))
}

/// Period in which one node holds a lease under one grant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct LeasePeriod {
    node: NodeId,
    token: Token,
    /// Its position in the order of grants.
    rank: u64,
    since: Time,
}

/// At most one node acts as primary at any real instant.
///
/// A node's period as primary begins when it first holds the lease or acts, and lasts at least
/// until its last act. If it holds or acts after the period of another node's later grant has
/// begun, there was an instant at which both were primary. Nor may a node act under a grant that it
/// has lost. "Later" is the order in which grants were made, whatever their tokens.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AtMostOnePrimary<L: Ord> {
    /// Order in which grants were first observed.
    ranks: BTreeMap<(L, NodeId, Token), u64>,
    /// The newest period of each lease.
    periods: BTreeMap<L, LeasePeriod>,
    /// The newest grant that each node has lost.
    lost: BTreeMap<(L, NodeId), Token>,
}

impl<L: Ord> Default for AtMostOnePrimary<L> {
    fn default() -> Self {
        AtMostOnePrimary { ranks: BTreeMap::new(), periods: BTreeMap::new(), lost: BTreeMap::new() }
    }
}

impl<L: Ord + Clone + Display> AtMostOnePrimary<L> {
    fn rank(&mut self, lease: &L, node: NodeId, token: Token) -> u64 {
        let next = self.ranks.len() as u64;
        *self.ranks.entry((lease.clone(), node, token)).or_insert(next)
    }

    fn take_in(&mut self, (lease, token, event): (L, Token, LeaseEvent), node: NodeId, at: Time) -> Result<(), String> {
        match event {
            LeaseEvent::Granted(holder) => {
                self.rank(&lease, holder, token);
                Ok(())
            }
            LeaseEvent::Lost(_) => {
                self.lost.insert((lease, node), token);
                Ok(())
            }
            LeaseEvent::Acted if self.lost.get(&(lease.clone(), node)) == Some(&token) => {
                Err(format!("{node} acted under {token} of {lease} after it had lost it"))
            }
            LeaseEvent::Acted => self.record_period(lease, token, event, node, at),
            // A renewal may arrive after the term has expired, and start it again.
            LeaseEvent::Held => {
                self.lost.remove(&(lease.clone(), node));
                self.record_period(lease, token, event, node, at)
            }
        }
    }

    fn record_period(
        &mut self,
        lease: L,
        token: Token,
        event: LeaseEvent,
        node: NodeId,
        at: Time,
    ) -> Result<(), String> {
        let rank = self.rank(&lease, node, token);
        match self.periods.get(&lease) {
            Some(newest) if newest.rank == rank => return Ok(()),
            Some(newest) if newest.node != node && newest.rank > rank => {
                let verb = if event == LeaseEvent::Acted { "acted" } else { "took the lease" };
                let LeasePeriod { node: other, token: theirs, since, .. } = newest;
                return Err(format!(
                    "{node} {verb} at {at} under {token} of {lease}, and {other} has been primary under {theirs} since {since}"
                ));
            }
            _ => {}
        }
        self.periods.insert(lease, LeasePeriod { node, token, rank, since: at });
        Ok(())
    }
}

impl<M: Observable> Invariant<M> for AtMostOnePrimary<M::Name> {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("AtMostOnePrimary", "At most one node acts as primary at any real instant.")]
    }

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for said in step.facts().filter_map(M::observe) {
            self.take_in(said, step.node, step.at)
                .map_err(|detail| InvariantViolation::new("AtMostOnePrimary", detail))?;
        }
        Ok(())
    }
}

/// A resource never accepts a write of an earlier grant than before, even across its crashes.
///
/// Under a correct rulebook tokens increase with every grant, so this is the same as increasing
/// tokens.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct TokensNeverDecrease {
    ranks: BTreeMap<Token, u64>,
    newest: BTreeMap<NodeId, (u64, Token)>,
}

impl<M: Observable> Invariant<M> for TokensNeverDecrease {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "TokensNeverDecrease",
            "A resource never accepts a write of an earlier grant than before, even across its crashes.",
        )]
    }

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for fact in step.facts() {
            if let Some((_, token, LeaseEvent::Granted(_))) = M::observe(fact) {
                let next = self.ranks.len() as u64;
                self.ranks.entry(token).or_insert(next);
            }
            let Some(token) = M::accepted(fact) else { continue };
            let Some(&rank) = self.ranks.get(&token) else {
                let detail = format!("{} accepted {token}, which was never granted", step.node);
                return Err(InvariantViolation::new("TokensNeverDecrease", detail));
            };
            let before = self.newest.insert(step.node, (rank, token));
            if let Some((_, before)) = before.filter(|(before, _)| *before > rank) {
                let detail = format!("{} accepted {token} after {before}, which was granted later", step.node);
                return Err(InvariantViolation::new("TokensNeverDecrease", detail));
            }
        }
        Ok(())
    }
}
