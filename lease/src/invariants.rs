//! What must never happen, judged from outside on the true time.
//!
//! No node's clock is asked. Acts, takings and losses are seen in the order in which they truly happen, and that is enough to tell
//! whether two nodes were primary at one instant.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;

use quorate_protocol::{Broken, Invariant, Machine, NodeId, Observed, Time};

use crate::{Fact, Lease, LeaseId, Rulebook, Token};

/// All of them, for a cluster with a single granter.
pub type Safety = (AtMostOnePrimary<LeaseId>, TokensNeverDecrease);

/// Everything that must hold of a cluster with a single granter, whatever its rulebook.
pub fn invariants() -> Safety {
    (AtMostOnePrimary::default(), TokensNeverDecrease::default())
}

/// A machine whose facts the invariants can read.
pub trait Witnessed: Machine {
    /// What names a lease.
    type Name: Clone + Ord + Hash + Debug + Display + Send + 'static;

    /// What a fact says about who is primary, if it is about that. Leases that many may hold do not count.
    fn testimony(fact: &Self::Fact) -> Option<(Self::Name, Token, Deed)>;

    /// The token under which a resource has accepted a write, if the fact says so.
    fn accepted(fact: &Self::Fact) -> Option<Token>;
}

/// What a node did about a lease.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Deed {
    /// It holds it, or for longer.
    Held,
    /// It acted under it.
    Acted,
    /// It holds it no more.
    Lost,
}

impl<R: Rulebook> Witnessed for Lease<R> {
    type Name = LeaseId;

    fn testimony(fact: &Fact) -> Option<(LeaseId, Token, Deed)> {
        let (lease, token, deed) = match *fact {
            Fact::LeaseHeld { lease, token, .. } => (lease, token, Deed::Held),
            Fact::Acted { lease, token } => (lease, token, Deed::Acted),
            Fact::LeaseLost { lease, token, .. } => (lease, token, Deed::Lost),
            _ => return None,
        };
        (lease == LeaseId::Primary).then_some((lease, token, deed))
    }

    fn accepted(fact: &Fact) -> Option<Token> {
        match fact {
            Fact::WriteAccepted { token, .. } => Some(*token),
            _ => None,
        }
    }
}

/// A node's time with a lease: one node, one grant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Reign {
    node: NodeId,
    token: Token,
    since: Time,
}

/// At most one node acts as primary at any real instant.
///
/// A node's reign begins when it first holds the lease or acts, and lasts at least until it acts last. If it acts when another's
/// reign has begun after its own, there was an instant at which both were primary; and nobody acts under a grant that it has lost.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AtMostOnePrimary<L: Ord> {
    /// The newest reign of each lease.
    reigns: BTreeMap<L, Reign>,
    /// The newest grant that each node has lost.
    lost: BTreeMap<(L, NodeId), Token>,
}

impl<L: Ord> Default for AtMostOnePrimary<L> {
    fn default() -> Self {
        AtMostOnePrimary { reigns: BTreeMap::new(), lost: BTreeMap::new() }
    }
}

impl<L: Ord + Clone + Display> AtMostOnePrimary<L> {
    fn take_in(&mut self, (lease, token, deed): (L, Token, Deed), node: NodeId, at: Time) -> Result<(), String> {
        if deed == Deed::Lost {
            self.lost.insert((lease, node), token);
            return Ok(());
        }
        let lost = self.lost.get(&(lease.clone(), node)) == Some(&token);
        if lost && deed == Deed::Acted {
            return Err(format!("{node} acted under {token} of {lease} after it had lost it"));
        }
        let Some(newest) = self.reigns.get(&lease).copied() else {
            self.reigns.insert(lease, Reign { node, token, since: at });
            return Ok(());
        };
        if (newest.node, newest.token) == (node, token) {
            return Ok(());
        }
        if newest.node != node && newest.token >= token {
            let verb = if deed == Deed::Acted { "acted" } else { "took the lease" };
            let Reign { node: other, token: theirs, since } = newest;
            return Err(format!(
                "{node} {verb} at {at} under {token} of {lease}, and {other} has been primary under {theirs} since {since}"
            ));
        }
        self.reigns.insert(lease, Reign { node, token, since: at });
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

/// The tokens that a resource accepts never decrease, also over its crashes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct TokensNeverDecrease {
    highest: BTreeMap<NodeId, Token>,
}

impl<M: Witnessed> Invariant<M> for TokensNeverDecrease {
    fn check(&mut self, seen: &Observed<'_, M>) -> Result<(), Broken> {
        for token in seen.facts().filter_map(M::accepted) {
            let before = self.highest.insert(seen.node, token);
            if let Some(before) = before.filter(|before| *before > token) {
                let detail = format!("{} accepted {token} after {before}", seen.node);
                return Err(Broken::new("TokensNeverDecrease", detail));
            }
        }
        Ok(())
    }
}
