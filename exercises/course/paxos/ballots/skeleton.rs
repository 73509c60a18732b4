//! Ballot numbers: which number does the next attempt get? Read `quorate learn show paxos-ballots`
//! first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.5: the ballot of the next attempt of `me`.
///
/// `tried` is the highest ballot that it has used, `seen` the highest that it has seen, `asked` a
/// round that a scenario requests.
fn next_ballot(me: NodeId, tried: Option<Ballot>, seen: Option<Ballot>, asked: Option<u64>) -> Ballot {
    unfinished!(me, tried, seen, asked)
}

/// Paxos Made Simple §2.5: the highest ballot that a restarted proposer assumes to have used.
/// `written` is the ballot on its disk.
fn recall_tried(written: Option<Ballot>) -> Option<Ballot> {
    unfinished!(written)
}

hand_in!("paxos-ballots", Rulebook { next_ballot, recall_tried });
