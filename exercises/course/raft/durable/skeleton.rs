//! What must not be forgotten. Read `quorate learn show raft-durable` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft Figure 2, State: must this be on disk before anything is said?
fn durable_before_answer(write: Write) -> bool {
    unfinished!(write)
}

/// Raft §5.1, §5.2: the vote of a node that steps down, from the term `before` into the term `after`.
fn vote_after_step_down(before: Term, after: Term, vote: Option<NodeId>) -> Option<NodeId> {
    unfinished!(before, after, vote)
}

hand_in!("raft-durable", Rulebook { durable_before_answer, vote_after_step_down });
