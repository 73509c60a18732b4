//! Learning what was chosen: which votes count together?

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.3: only votes of one ballot count together.
fn vote_counts(vote: Ballot, towards: Ballot) -> bool {
    (vote.round, vote.node) == (towards.round, towards.node)
}

hand_in!("paxos-learner", Rulebook { vote_counts });
