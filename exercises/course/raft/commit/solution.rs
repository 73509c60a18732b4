//! The commit rule: what may a leader call committed?

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.4.2, Figure 8.
fn leader_commit(
    commit: LogIndex,
    replicated: LogIndex,
    current: Term,
    term_at: &dyn Fn(LogIndex) -> Option<Term>,
) -> LogIndex {
    // From the newest entry down, to find one of the current term.
    let mut index = replicated;
    while index > commit {
        match term_at(index) {
            Some(term) if term == current => return index,
            _ => index = index.previous(),
        }
    }
    commit
}

hand_in!("raft-commit", Rulebook { leader_commit });
