//! How many replicas prove something, if some lie. Read `quorate learn show liar-quorum` first.

use quorate_exercises::pbft::*;
use quorate_exercises::prelude::*;

/// PBFT §4.5.1: the size of a certificate.
fn quorum(f: usize) -> usize {
    unfinished!(f)
}

/// PBFT §4.1: the number of equal results that a client believes.
fn reports(f: usize) -> usize {
    unfinished!(f)
}

/// PBFT §4.2: whether a vote is one for the request that was accepted.
fn matches(accepted: &Digest, voted: &Digest) -> bool {
    unfinished!(accepted, voted)
}

/// PBFT §4.2: whether a prepared request is committed, with that many matching commits.
fn committed(f: usize, commits: usize) -> Ruling<PbftRule> {
    unfinished!(f, commits)
}

hand_in!("liar-quorum", Rulebook { quorum, reports, matches, committed });
