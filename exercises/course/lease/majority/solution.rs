//! Majority leases (PaxosLease).

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// PaxosLease.
fn majority(count: usize, of: usize) -> bool {
    count > of / 2
}

/// PaxosLease.
fn counts(current: bool, heard_before: bool) -> Ruling<CountRule> {
    match (current, heard_before) {
        (true, false) => Allow(CountRule::CountPromise),
        (false, _) | (_, true) => Refuse(CountRule::StaleAnswer),
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
fn release_frees(same: bool) -> Ruling<MajorityRule> {
    if same { Allow(MajorityRule::AcceptorReleases) } else { Refuse(MajorityRule::IgnoreRelease) }
}

hand_in!("lease-majority", Rulebook { majority, counts, leaves_open, release_frees });
