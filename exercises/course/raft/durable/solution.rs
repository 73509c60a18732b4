//! Durability of the vote.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.1, §5.2.
fn vote_after_step_down(before: Term, after: Term, vote: Option<NodeId>) -> Option<NodeId> {
    vote.filter(|_| before == after)
}

hand_in!("raft-durable", Rulebook { vote_after_step_down });
