//! Counting promises. Read `quorate learn show paxos-count` first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, phase 2(a): whether a reply to the ballot `reply` counts for the ballot
/// `current`.
fn counts(reply: Ballot, current: Ballot) -> Ruling<PaxosRule> {
    unfinished!(reply, current)
}

/// Paxos Made Simple §2.2, phase 2(a): whether a promise of `from` counts, when those of `heard`
/// have been counted.
fn counts_once(from: NodeId, heard: &[NodeId]) -> Ruling<PaxosRule> {
    unfinished!(from, heard)
}

hand_in!("paxos-count", Rulebook { counts, counts_once });
