//! Local reads under a leader lease. Read `quorate learn show lease-reads` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Dissertation §4.2.3, §6.4.1: whether a node withholds its vote.
fn withholds_vote(trusting: bool, sent_by_leader: bool) -> bool {
    unfinished!(trusting, sent_by_leader)
}

/// Dissertation §6.4.1: the time for which it does so after a restart, if its promise may last for
/// `trust`.
fn distrust_after_restart(trust: Duration) -> Duration {
    unfinished!(trust)
}

/// Dissertation §3.10, §6.4.1: whether a leader gives up its lease before it transfers the
/// leadership.
fn lays_down_for_transfer() -> bool {
    unfinished!()
}

/// Dissertation §6.4, §6.4.1: whether a leader answers a read from its own state.
fn reads_alone(lease_runs: bool, own_term_applied: bool) -> Ruling<ReplicatedRule> {
    unfinished!(lease_runs, own_term_applied)
}

hand_in!("lease-reads", Rulebook { withholds_vote, distrust_after_restart, lays_down_for_transfer, reads_alone });
