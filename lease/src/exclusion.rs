//! Mutual exclusion, judged from outside on the true time.
//!
//! No node's clock is asked. Acts, takings and losses are seen in the order in which they truly happen, and that is enough to tell
//! whether two nodes were primary at one instant.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;

use quorate_protocol::{Broken, Invariant, Machine, NodeId, Observed, Time};

use crate::id::{LeaseId, Token};
use crate::primary::{Fact, Loss};

/// A machine whose facts the invariants can read.
pub trait Witnessed: Machine {
    /// What names a lease.
    type Name: Clone + Ord + Hash + Debug + Display + Send + 'static;

    /// What a fact says about who is primary, if it is about that. Leases that many may hold do not count.
    fn testimony(fact: &Self::Fact) -> Option<(Self::Name, Token, Deed)>;

    /// The token under which a resource has accepted a write, if the fact says so.
    fn accepted(fact: &Self::Fact) -> Option<Token> {
        let _ = fact;
        None
    }
}

/// What became of a lease.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Deed {
    /// It was granted, or renewed, to that node.
    Granted(NodeId),
    /// The node holds it, or for longer.
    Held,
    /// The node acted under it.
    Acted,
    /// The node holds it no more.
    Lost(Loss),
}

/// What a fact about the primary lease says, for machines that share these facts.
pub(crate) fn testimony(fact: &Fact) -> Option<(LeaseId, Token, Deed)> {
    let (lease, token, deed) = match *fact {
        Fact::LeaseGranted { lease, token, holder, .. } => (lease, token, Deed::Granted(holder)),
        Fact::LeaseHeld { lease, token, .. } => (lease, token, Deed::Held),
        Fact::Acted { lease, token } => (lease, token, Deed::Acted),
        Fact::LeaseLost { lease, token, reason } => (lease, token, Deed::Lost(reason)),
        Fact::WriteAccepted { .. } | Fact::WriteRefused { .. } => return None,
    };
    (lease == LeaseId::Primary).then_some((lease, token, deed))
}

/// A node's time with a lease: one node, one grant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Reign {
    node: NodeId,
    token: Token,
    /// Its place in the order of the grants.
    rank: u64,
    since: Time,
}

/// At most one node acts as primary at any real instant.
///
/// A node's reign begins when it first holds the lease or acts, and lasts at least until it acts last. If it holds or acts when
/// the reign of a later grant to another has begun, there was an instant at which both were primary; and nobody acts under a
/// grant that it has lost. Later is what was granted later, whatever the tokens say.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AtMostOnePrimary<L: Ord> {
    /// The order in which grants were first heard of.
    ranks: BTreeMap<(L, NodeId, Token), u64>,
    /// The newest reign of each lease.
    reigns: BTreeMap<L, Reign>,
    /// The newest grant that each node has lost.
    lost: BTreeMap<(L, NodeId), Token>,
}

impl<L: Ord> Default for AtMostOnePrimary<L> {
    fn default() -> Self {
        AtMostOnePrimary { ranks: BTreeMap::new(), reigns: BTreeMap::new(), lost: BTreeMap::new() }
    }
}

impl<L: Ord + Clone + Display> AtMostOnePrimary<L> {
    fn rank(&mut self, lease: &L, node: NodeId, token: Token) -> u64 {
        let next = self.ranks.len() as u64;
        *self.ranks.entry((lease.clone(), node, token)).or_insert(next)
    }

    fn take_in(&mut self, (lease, token, deed): (L, Token, Deed), node: NodeId, at: Time) -> Result<(), String> {
        match deed {
            Deed::Granted(holder) => {
                self.rank(&lease, holder, token);
                Ok(())
            }
            Deed::Lost(_) => {
                self.lost.insert((lease, node), token);
                Ok(())
            }
            Deed::Acted if self.lost.get(&(lease.clone(), node)) == Some(&token) => {
                Err(format!("{node} acted under {token} of {lease} after it had lost it"))
            }
            Deed::Acted => self.reign(lease, token, deed, node, at),
            // A renewal may arrive after the term has lapsed, and begin it anew.
            Deed::Held => {
                self.lost.remove(&(lease.clone(), node));
                self.reign(lease, token, deed, node, at)
            }
        }
    }

    fn reign(&mut self, lease: L, token: Token, deed: Deed, node: NodeId, at: Time) -> Result<(), String> {
        let rank = self.rank(&lease, node, token);
        match self.reigns.get(&lease) {
            Some(newest) if newest.rank == rank => return Ok(()),
            Some(newest) if newest.node != node && newest.rank > rank => {
                let verb = if deed == Deed::Acted { "acted" } else { "took the lease" };
                let Reign { node: other, token: theirs, since, .. } = newest;
                return Err(format!(
                    "{node} {verb} at {at} under {token} of {lease}, and {other} has been primary under {theirs} since {since}"
                ));
            }
            _ => {}
        }
        self.reigns.insert(lease, Reign { node, token, rank, since: at });
        Ok(())
    }
}

impl<M: Witnessed> Invariant<M> for AtMostOnePrimary<M::Name> {
    fn check(&mut self, seen: &Observed<'_, M>) -> Result<(), Broken> {
        for said in seen.facts().filter_map(M::testimony) {
            self.take_in(said, seen.node, seen.at).map_err(|detail| Broken::new("AtMostOnePrimary", detail))?;
        }
        Ok(())
    }
}

/// What a resource accepts never goes back to an earlier grant, also over its crashes.
///
/// By the book, tokens rise from grant to grant and this is the same as rising tokens.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct TokensNeverDecrease {
    ranks: BTreeMap<Token, u64>,
    newest: BTreeMap<NodeId, (u64, Token)>,
}

impl<M: Witnessed> Invariant<M> for TokensNeverDecrease {
    fn check(&mut self, seen: &Observed<'_, M>) -> Result<(), Broken> {
        for fact in seen.facts() {
            if let Some((_, token, Deed::Granted(_))) = M::testimony(fact) {
                let next = self.ranks.len() as u64;
                self.ranks.entry(token).or_insert(next);
            }
            let Some(token) = M::accepted(fact) else { continue };
            let Some(&rank) = self.ranks.get(&token) else {
                let detail = format!("{} accepted {token}, which was never granted", seen.node);
                return Err(Broken::new("TokensNeverDecrease", detail));
            };
            let before = self.newest.insert(seen.node, (rank, token));
            if let Some((_, before)) = before.filter(|(before, _)| *before > rank) {
                let detail = format!("{} accepted {token} after {before}, which was granted later", seen.node);
                return Err(Broken::new("TokensNeverDecrease", detail));
            }
        }
        Ok(())
    }
}
