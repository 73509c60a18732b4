//! Lease statistics of a run, counted from outside on true time: a test suite in which no lease
//! changes hands has shown nothing.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use quorate_lease::invariants::{LeaseEvent, Observable};
use quorate_lease::{Loss, Terms, Token};
use quorate_protocol::{Duration, Invariant, InvariantViolation, NodeId, StepKind, StepView, Time};

use super::longest;

/// Largest distance from the end of a term at which a hand-over tests the safety margin: a fiftieth
/// of the usual term, where the margin for clocks that are 5 % off is a tenth of it.
pub const NEAR: Duration = Duration::from_millis(6);

/// Counts of lease events.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct LeaseCounts {
    /// Number of grants: a node came to hold a lease under a new token.
    pub grants: u64,
    /// Number of renewals: a holder's lease was extended.
    pub renewals: u64,
    /// Grants to a node other than the previous holder.
    pub hand_overs: u64,
    /// Hand-overs within [`NEAR`] of the true time at which the previous holder found its term
    /// over.
    pub near_ends: u64,
    /// Leases that ended without a release.
    pub expiries: u64,
    /// Leases that were released.
    pub releases: u64,
    /// Leases whose holder slept through their end: it was paused, and found the lease over when it
    /// resumed.
    pub slept_through: u64,
    /// Acts under a lease.
    pub acts: u64,
}

impl AddAssign for LeaseCounts {
    fn add_assign(&mut self, other: Self) {
        self.grants += other.grants;
        self.renewals += other.renewals;
        self.hand_overs += other.hand_overs;
        self.near_ends += other.near_ends;
        self.expiries += other.expiries;
        self.releases += other.releases;
        self.slept_through += other.slept_through;
        self.acts += other.acts;
    }
}

/// Counts lease events. Implemented as an invariant that never breaks.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LeaseStats<L: Ord> {
    /// End of the fault window.
    healed: Time,
    /// Longer than any term lasts on true time: a running holder has noticed the end of its term by
    /// then.
    longest: Duration,
    /// Start of each node's holding, by its newest grant or renewal.
    held: BTreeMap<(L, NodeId), Time>,
    /// Newest grant of each lease.
    newest: BTreeMap<L, (NodeId, Token)>,
    /// Expiry time of each lease, if the expiry is the latest event seen of it.
    ended: BTreeMap<L, Time>,
    counts: LeaseCounts,
    revived: Option<Time>,
}

impl<L: Ord> LeaseStats<L> {
    /// Creates empty statistics. The fault window ends at `healed`.
    pub fn new(terms: &Terms, healed: Time) -> Self {
        let (held, newest, ended) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        LeaseStats {
            healed,
            longest: longest(terms),
            held,
            newest,
            ended,
            counts: LeaseCounts::default(),
            revived: None,
        }
    }

    /// Returns the counts so far.
    pub fn counts(&self) -> LeaseCounts {
        self.counts
    }

    /// Time of the first act after the fault window.
    pub fn revived(&self) -> Option<Time> {
        self.revived
    }

    fn take_in(&mut self, (lease, token, event): (L, Token, LeaseEvent), node: NodeId, at: Time)
    where
        L: Clone,
    {
        match event {
            LeaseEvent::Granted(_) => {}
            LeaseEvent::Held => {
                self.held.insert((lease.clone(), node), at);
                let ended = self.ended.remove(&lease);
                match self.newest.insert(lease, (node, token)) {
                    Some(before) if before == (node, token) => self.counts.renewals += 1,
                    before => {
                        self.counts.grants += 1;
                        let handed_over = before.is_some_and(|(other, _)| other != node);
                        self.counts.hand_overs += u64::from(handed_over);
                        let is_near = ended.is_some_and(|ended| at.since(ended) <= NEAR);
                        self.counts.near_ends += u64::from(handed_over && is_near);
                    }
                }
            }
            LeaseEvent::Acted => {
                self.counts.acts += 1;
                if at > self.healed {
                    self.revived.get_or_insert(at);
                }
            }
            LeaseEvent::Lost(reason) => {
                self.held.remove(&(lease.clone(), node));
                match reason {
                    Loss::Released => self.counts.releases += 1,
                    Loss::Expired | Loss::Recalled => {
                        self.counts.expiries += 1;
                        self.ended.insert(lease, at);
                    }
                }
            }
        }
    }
}

impl<M: Observable> Invariant<M> for LeaseStats<M::Name> {
    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let (node, at, longest) = (seen.node, seen.at, self.longest);
        let before = self.held.len();
        match seen.kind {
            StepKind::Crash => self.held.retain(|(_, holder), _| *holder != node),
            // The first step after the end of the term was not at the end of the term: the node was
            // not running then.
            StepKind::Step => {
                self.held.retain(|(_, holder), since| *holder != node || *since + longest >= at);
                self.counts.slept_through += (before - self.held.len()) as u64;
            }
            StepKind::Boot => {}
        }
        for said in seen.facts().filter_map(M::observe) {
            self.take_in(said, node, at);
        }
        Ok(())
    }
}
