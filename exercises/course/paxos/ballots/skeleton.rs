//! Ballots: which number does the next attempt get? Read `quorate learn show paxos-ballots` first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.5: the ballot of the next attempt of `me`.
///
/// `tried` is the highest ballot that it has used, `seen` the highest that it has heard of, `asked` a round that a scenario asks for.
fn next_ballot(me: NodeId, tried: Option<Ballot>, seen: Option<Ballot>, asked: Option<u64>) -> Ballot {
    unfinished!(me, tried, seen, asked)
}

/// Paxos Made Simple §2.5: what a restarted proposer takes for the highest ballot that it has used. `written` is what its disk says.
fn recall_tried(written: Option<Ballot>) -> Option<Ballot> {
    unfinished!(written)
}

hand_in!("paxos-ballots", Rulebook { next_ballot, recall_tried });
