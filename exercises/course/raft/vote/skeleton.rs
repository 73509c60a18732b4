//! RequestVote: does this candidate get the vote? Read `quorate learn show raft-vote` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.4.1: whether a log that ends with `candidate` is at least as up to date as one that ends
/// with `mine`.
fn up_to_date(candidate: Position, mine: Position) -> bool {
    unfinished!(candidate, mine)
}

/// Raft §5.2, Figure 2, RequestVote, receiver. It calls `up_to_date`.
fn vote(candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
    unfinished!(candidate, me)
}

hand_in!("raft-vote", Rulebook { up_to_date, vote });
