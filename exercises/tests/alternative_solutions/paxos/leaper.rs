//! Alternative ballot numbers with gaps: each ballot is a hundred rounds above the last, and a
//! thousand after a restart.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

fn next_ballot(me: NodeId, tried: Option<Ballot>, seen: Option<Ballot>, asked: Option<u64>) -> Ballot {
    let round = |ballot: Option<Ballot>| ballot.map_or(0, |ballot| ballot.round);
    match asked {
        Some(wish) if wish > round(tried) => Ballot::new(wish, me),
        Some(_) => Ballot::new(round(tried) + 100, me),
        None => Ballot::new(round(tried).max(round(seen)) + 100, me),
    }
}

/// No ballot in between was used, so it is harmless to assume that one was.
fn recall_tried(written: Option<Ballot>) -> Option<Ballot> {
    written.map(|ballot| Ballot::new(ballot.round + 1_000, ballot.node))
}

hand_in!("paxos-ballots", Rulebook { next_ballot, recall_tried });
