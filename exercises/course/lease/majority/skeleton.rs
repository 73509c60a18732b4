//! Majority leases (PaxosLease). Read `quorate learn show lease-majority` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// PaxosLease: whether `count` of `of` acceptors are enough.
fn majority(count: usize, of: usize) -> bool {
    unfinished!(count, of)
}

/// PaxosLease: whether an answer counts.
fn counts(current: bool, heard_before: bool) -> Ruling<CountRule> {
    unfinished!(current, heard_before)
}

/// PaxosLease: whether an acceptor that reports this owner leaves the lease open to `me`.
fn leaves_open(reported: Option<NodeId>, me: NodeId) -> bool {
    unfinished!(reported, me)
}

/// PaxosLease: whether a release frees the accepted lease. `same` says whether it names that
/// ballot.
fn release_frees(same: bool) -> Ruling<MajorityRule> {
    unfinished!(same)
}

hand_in!("lease-majority", Rulebook { majority, counts, leaves_open, release_frees });
