//! How many replicas prove something, if some lie.

use quorate_exercises::pbft::*;
use quorate_exercises::prelude::*;

/// PBFT §4.5.1.
fn quorum(f: usize) -> usize {
    2 * f + 1
}

/// PBFT §4.1.
fn reports(f: usize) -> usize {
    f + 1
}

/// PBFT §4.2.
fn matches(accepted: &Digest, voted: &Digest) -> bool {
    accepted == voted
}

/// PBFT §4.2.
fn committed(f: usize, commits: usize) -> Ruling<PbftRule> {
    if commits >= quorum(f) { Allow(PbftRule::Committed) } else { Refuse(PbftRule::CountCommit) }
}

hand_in!("liar-quorum", Rulebook { quorum, reports, matches, committed });
