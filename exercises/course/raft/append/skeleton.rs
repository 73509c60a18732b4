//! The AppendEntries consistency check: do the leader's entries follow on mine? Read
//! `quorate learn show raft-append` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.1, Figure 2, AppendEntries 1: whether a leader of an earlier term gets a reply that says
/// so.
fn answers_stale_leader() -> bool {
    unfinished!()
}

/// Raft §5.3, Figure 2, AppendEntries 2.
///
/// `previous` is the entry before the new ones, `mine` the term of this node's entry at its index.
fn matches(previous: Position, mine: Option<Term>) -> Ruling<RaftRule> {
    unfinished!(previous, mine)
}

hand_in!("raft-append", Rulebook { answers_stale_leader, matches });
