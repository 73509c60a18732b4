//! The winner: when is a candidate a leader? Read `quorate learn show raft-elected` first.

use std::collections::BTreeSet;

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.2: are `count` of `of` a majority?
fn majority(count: usize, of: usize) -> bool {
    unfinished!(count, of)
}

/// Raft §5.2, §6: do these votes make a leader? It calls `majority`.
fn elected(votes: &BTreeSet<NodeId>, membership: &Membership) -> bool {
    unfinished!(votes, membership)
}

/// Raft §5.2: a yes to `answer` has arrived at one who is `standing`. Does it count?
fn counts_vote(answer: Ballot, standing: Ballot) -> Ruling<RaftRule> {
    unfinished!(answer, standing)
}

hand_in!("raft-elected", Rulebook { majority, elected, counts_vote });
