//! The AppendEntries consistency check: do the leader's entries follow on mine?

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.1, Figure 2, AppendEntries 1.
fn answers_stale_leader() -> bool {
    // It learns the term from the reply. Perhaps no other node can tell it.
    true
}

/// Raft §5.3, Figure 2, AppendEntries 2.
fn matches(previous: Position, mine: Option<Term>) -> Ruling<RaftRule> {
    let Some(mine) = mine else { return Refuse(RaftRule::RefuseMissing) };
    if mine == previous.term { Allow(RaftRule::AppendEntries) } else { Refuse(RaftRule::RefuseConflicting) }
}

hand_in!("raft-append", Rulebook { answers_stale_leader, matches });
