//! What became of the leases of a run, counted from outside and on the true time: a suite that saw no lease change hands has shown nothing.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use quorate_lease::invariants::{Deed, Witnessed};
use quorate_lease::{Loss, Terms, Token};
use quorate_protocol::{Broken, Duration, Invariant, Moment, NodeId, Observed, Time};

use super::longest;

/// How often what happened to leases.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Happenings {
    /// Times a node came to hold a lease under a new token.
    pub grants: u64,
    /// Times a holder held it for longer.
    pub renewals: u64,
    /// Grants to another node than the one before.
    pub hand_overs: u64,
    /// Leases that ended by themselves.
    pub expiries: u64,
    /// Leases that were given back.
    pub releases: u64,
    /// Leases whose end their holder slept through: it was paused, and found the lease over when it went on.
    pub slept_through: u64,
    /// Acts under a lease.
    pub acts: u64,
}

impl AddAssign for Happenings {
    fn add_assign(&mut self, other: Self) {
        self.grants += other.grants;
        self.renewals += other.renewals;
        self.hand_overs += other.hand_overs;
        self.expiries += other.expiries;
        self.releases += other.releases;
        self.slept_through += other.slept_through;
        self.acts += other.acts;
    }
}

/// Counts what happens to leases. It watches as an invariant does, and never breaks.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Chronicle<L: Ord> {
    /// When the storm is over.
    healed: Time,
    /// Longer than any term lasts in truth: a holder that runs has noticed its end by then.
    longest: Duration,
    /// Since when each node has held what it holds, by its newest grant or renewal.
    held: BTreeMap<(L, NodeId), Time>,
    /// The newest grant of each lease.
    newest: BTreeMap<L, (NodeId, Token)>,
    counts: Happenings,
    revived: Option<Time>,
}

impl<L: Ord> Chronicle<L> {
    /// Nothing has happened yet. The storm will be over at `healed`.
    pub fn new(terms: &Terms, healed: Time) -> Self {
        let (held, newest) = (BTreeMap::new(), BTreeMap::new());
        Chronicle { healed, longest: longest(terms), held, newest, counts: Happenings::default(), revived: None }
    }

    /// What has happened so far.
    pub fn counts(&self) -> Happenings {
        self.counts
    }

    /// When somebody acted for the first time after the storm.
    pub fn revived(&self) -> Option<Time> {
        self.revived
    }

    fn take_in(&mut self, (lease, token, deed): (L, Token, Deed), node: NodeId, at: Time)
    where
        L: Clone,
    {
        match deed {
            Deed::Granted(_) => {}
            Deed::Held => {
                self.held.insert((lease.clone(), node), at);
                match self.newest.insert(lease, (node, token)) {
                    Some(before) if before == (node, token) => self.counts.renewals += 1,
                    before => {
                        self.counts.grants += 1;
                        self.counts.hand_overs += u64::from(before.is_some_and(|(other, _)| other != node));
                    }
                }
            }
            Deed::Acted => {
                self.counts.acts += 1;
                if at > self.healed {
                    self.revived.get_or_insert(at);
                }
            }
            Deed::Lost(reason) => {
                self.held.remove(&(lease, node));
                match reason {
                    Loss::Released => self.counts.releases += 1,
                    Loss::Expired | Loss::Recalled => self.counts.expiries += 1,
                }
            }
        }
    }
}

impl<M: Witnessed> Invariant<M> for Chronicle<M::Name> {
    fn check(&mut self, seen: &Observed<'_, M>) -> Result<(), Broken> {
        let (node, at, longest) = (seen.node, seen.at, self.longest);
        let before = self.held.len();
        match seen.moment {
            Moment::Crash => self.held.retain(|(_, holder), _| *holder != node),
            // Its first step after the end of the term was not at the end of the term: it was not running then.
            Moment::Step => {
                self.held.retain(|(_, holder), since| *holder != node || *since + longest >= at);
                self.counts.slept_through += (before - self.held.len()) as u64;
            }
            Moment::Boot => {}
        }
        for said in seen.facts().filter_map(M::testimony) {
            self.take_in(said, node, at);
        }
        Ok(())
    }
}
