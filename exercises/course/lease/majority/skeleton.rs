//! Leases from a majority. Read `quorate learn show lease-majority` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// PaxosLease: are so many acceptors enough?
fn majority(count: usize, of: usize) -> bool {
    unfinished!(count, of)
}

/// PaxosLease: does an answer count?
fn counts(current: bool, heard_before: bool) -> Ruling<CountRule> {
    unfinished!(current, heard_before)
}

/// PaxosLease: may `me` have the lease, as far as an acceptor goes that reports this owner?
fn leaves_open(reported: Option<NodeId>, me: NodeId) -> bool {
    unfinished!(reported, me)
}

/// PaxosLease: does a release free what was accepted? `same` says whether it names that ballot.
fn release_frees(same: bool) -> Ruling<MajorityRule> {
    unfinished!(same)
}

hand_in!("lease-majority", Rulebook { majority, counts, leaves_open, release_frees });
