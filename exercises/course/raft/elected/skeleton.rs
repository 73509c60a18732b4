//! Winning an election: when does a candidate become leader? Read `quorate learn show raft-elected`
//! first.

use std::collections::BTreeSet;

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.2: whether `count` of `of` are a majority.
fn majority(count: usize, of: usize) -> bool {
    unfinished!(count, of)
}

/// Raft §5.2, §6: whether these votes elect a leader. It calls `majority`.
fn elected(votes: &BTreeSet<NodeId>, membership: &Membership) -> bool {
    unfinished!(votes, membership)
}

/// Raft §5.2: whether a vote granted in the election `answer` counts for a candidate in the
/// election `standing`.
fn counts_vote(answer: Election, standing: Election) -> Ruling<RaftRule> {
    unfinished!(answer, standing)
}

hand_in!("raft-elected", Rulebook { majority, elected, counts_vote });
