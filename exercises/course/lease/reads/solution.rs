//! Local reads under a leader lease.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Dissertation §4.2.3, §6.4.1.
fn withholds_vote(trusting: bool, sent_by_leader: bool) -> bool {
    if sent_by_leader { false } else { trusting }
}

/// Dissertation §6.4.1.
fn distrust_after_restart(trust: Duration) -> Duration {
    // It may have given its promise just before it crashed.
    trust
}

/// Dissertation §3.10, §6.4.1.
fn lays_down_for_transfer() -> bool {
    // Its successor is elected in spite of all promises.
    true
}

/// Dissertation §6.4, §6.4.1.
fn reads_alone(lease_runs: bool, own_term_applied: bool) -> Ruling<ReplicatedRule> {
    match (lease_runs, own_term_applied) {
        (true, true) => Allow(ReplicatedRule::ReadUnderLease),
        _ => Refuse(ReplicatedRule::ReadByRound),
    }
}

hand_in!("lease-reads", Rulebook { withholds_vote, distrust_after_restart, lays_down_for_transfer, reads_alone });
