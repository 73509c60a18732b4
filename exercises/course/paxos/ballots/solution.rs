//! Ballots: which number does the next attempt get?

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.5: above all that was used, and if nothing else is asked for, above all that was seen.
fn next_ballot(me: NodeId, tried: Option<Ballot>, seen: Option<Ballot>, asked: Option<u64>) -> Ballot {
    let round_of = |ballot: Option<Ballot>| ballot.map(|ballot| ballot.round).unwrap_or(0);
    let unused = round_of(tried).saturating_add(1);
    let wanted = match asked {
        Some(round) => round,
        None => round_of(seen).saturating_add(1),
    };
    // Somebody else's round is taken over only as long as there is room above it.
    Ballot::new(unused.max(wanted.min(Ballot::ROUND_LIMIT)), me)
}

/// Paxos Made Simple §2.5: what the disk says was used, was used.
fn recall_tried(written: Option<Ballot>) -> Option<Ballot> {
    written
}

hand_in!("paxos-ballots", Rulebook { next_ballot, recall_tried });
