//! A leader that reads alone. Read `quorate learn show lease-reads` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Dissertation §4.2.3, §6.4.1: does a node keep its vote to itself?
fn withholds_vote(trusting: bool, sent_by_leader: bool) -> bool {
    unfinished!(trusting, sent_by_leader)
}

/// Dissertation §6.4.1: how long it does so after a restart, if a trust lasts at most so long.
fn distrust_after_restart(trust: Duration) -> Duration {
    unfinished!(trust)
}

/// Dissertation §3.10, §6.4.1: does a leader that hands over give up its lease first?
fn lays_down_for_transfer() -> bool {
    unfinished!()
}

/// Dissertation §6.4, §6.4.1: does a leader answer a read out of its own memory?
fn reads_alone(lease_runs: bool, own_term_applied: bool) -> Ruling<ReplicatedRule> {
    unfinished!(lease_runs, own_term_applied)
}

hand_in!("lease-reads", Rulebook { withholds_vote, distrust_after_restart, lays_down_for_transfer, reads_alone });
