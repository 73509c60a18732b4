//! Alternative leader: jumps far ahead with its ballots, and sorts what is reported.

use quorate_exercises::paxos_commit::*;
use quorate_exercises::prelude::*;

fn next_ballot(me: NodeId, tried: Option<Ballot>, seen: Option<Ballot>) -> Ballot {
    let round = |ballot: Option<Ballot>| ballot.map_or(0, |ballot| ballot.round);
    Ballot::new(round(tried).max(round(seen)) + 7, me)
}

fn bound(reported: &[Ballot]) -> Option<usize> {
    let mut sorted: Vec<(Ballot, usize)> = reported.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    sorted.pop().map(|(_, index)| index)
}

fn free() -> Vote {
    Vote::Aborted
}

hand_in!("txn-instance", Rulebook { next_ballot, bound, free });
