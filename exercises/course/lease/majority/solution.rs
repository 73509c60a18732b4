//! Leases from a majority.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// PaxosLease.
fn majority(count: usize, of: usize) -> bool {
    count > of / 2
}

/// PaxosLease.
fn counts(current: bool, heard_before: bool) -> Ruling<LeaseRule> {
    match (current, heard_before) {
        (true, false) => Allow(LeaseRule::CountPromise),
        (false, _) | (_, true) => Refuse(LeaseRule::StaleAnswer),
    }
}

/// PaxosLease.
fn leaves_open(reported: Option<NodeId>, me: NodeId) -> bool {
    match reported {
        Some(owner) => owner == me,
        None => true,
    }
}

/// PaxosLease.
fn release_frees(same: bool) -> Ruling<LeaseRule> {
    if same { Allow(LeaseRule::AcceptorReleases) } else { Refuse(LeaseRule::IgnoreRelease) }
}

hand_in!("lease-majority", Rulebook { majority, counts, leaves_open, release_frees });
