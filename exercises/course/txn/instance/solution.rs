//! The vote that a leader proposes.

use quorate_exercises::paxos_commit::*;
use quorate_exercises::prelude::*;

/// Gray and Lamport §4.2.
fn next_ballot(me: NodeId, tried: Option<Ballot>, seen: Option<Ballot>) -> Ballot {
    Ballot::new(tried.max(seen).map_or(0, |ballot| ballot.round) + 1, me)
}

/// Gray and Lamport §4.1, phase 2a.
fn bound(reported: &[Ballot]) -> Option<usize> {
    (0..reported.len()).max_by_key(|index| reported[*index])
}

/// Gray and Lamport §4.2.
fn free() -> Vote {
    Vote::Aborted
}

hand_in!("txn-instance", Rulebook { next_ballot, bound, free });
