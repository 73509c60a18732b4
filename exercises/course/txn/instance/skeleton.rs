//! The vote that a leader proposes. Read `quorate learn show txn-instance` first.

use quorate_exercises::paxos_commit::*;
use quorate_exercises::prelude::*;

/// Gray and Lamport §4.2: the ballot of a leader that takes over.
fn next_ballot(me: NodeId, tried: Option<Ballot>, seen: Option<Ballot>) -> Ballot {
    unfinished!(me, tried, seen)
}

/// Gray and Lamport §4.1, phase 2a: index of the reported vote that must be proposed again.
fn bound(reported: &[Ballot]) -> Option<usize> {
    unfinished!(reported)
}

/// Gray and Lamport §4.2: the vote that is proposed in a free instance.
fn free() -> Vote {
    unfinished!()
}

hand_in!("txn-instance", Rulebook { next_ballot, bound, free });
