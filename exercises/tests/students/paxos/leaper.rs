//! The leaper leaves room: each ballot is a hundred rounds above the last, and after a restart a thousand.

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

/// Nothing between the two was ever used, so that it does no harm to believe that it was.
fn recall_tried(written: Option<Ballot>) -> Option<Ballot> {
    written.map(|ballot| Ballot::new(ballot.round + 1_000, ballot.node))
}

hand_in!("paxos-ballots", Rulebook { next_ballot, recall_tried });
