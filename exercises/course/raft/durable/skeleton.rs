//! Durability of the vote. Read `quorate learn show raft-durable` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.1, §5.2: the vote of a node that steps down from the term `before` to the term `after`.
fn vote_after_step_down(before: Term, after: Term, vote: Option<NodeId>) -> Option<NodeId> {
    unfinished!(before, after, vote)
}

hand_in!("raft-durable", Rulebook { vote_after_step_down });
