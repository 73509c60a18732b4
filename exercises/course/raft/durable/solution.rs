//! What must not be forgotten.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft Figure 2, State.
fn durable_before_answer(write: Write) -> bool {
    match write {
        // Who came back in an earlier term could vote in it again.
        Write::Term | Write::Vote => true,
        // The leader counts the copy as soon as it hears of it.
        Write::Log | Write::Snapshot => true,
    }
}

/// Raft §5.1, §5.2.
fn vote_after_step_down(before: Term, after: Term, vote: Option<NodeId>) -> Option<NodeId> {
    vote.filter(|_| before == after)
}

hand_in!("raft-durable", Rulebook { durable_before_answer, vote_after_step_down });
