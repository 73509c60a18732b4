//! Ballot numbers: which number does the next attempt get?

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.5: above all ballots used, and, unless a round is requested, above all
/// ballots seen.
fn next_ballot(me: NodeId, tried: Option<Ballot>, seen: Option<Ballot>, asked: Option<u64>) -> Ballot {
    let round_of = |ballot: Option<Ballot>| ballot.map(|ballot| ballot.round).unwrap_or(0);
    let unused = round_of(tried).saturating_add(1);
    let wanted = match asked {
        Some(round) => round,
        None => round_of(seen).saturating_add(1),
    };
    // Another proposer's round is adopted only as long as there are rounds left above it.
    Ballot::new(unused.max(wanted.min(Ballot::ROUND_LIMIT)), me)
}

/// Paxos Made Simple §2.5: the ballot on disk was used.
fn recall_tried(written: Option<Ballot>) -> Option<Ballot> {
    written
}

hand_in!("paxos-ballots", Rulebook { next_ballot, recall_tried });
