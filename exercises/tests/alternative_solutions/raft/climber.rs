//! Alternative commit rule that scans upwards from the commit index for the last entry of the
//! current term.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

fn leader_commit(
    commit: LogIndex,
    replicated: LogIndex,
    current: Term,
    term_at: &dyn Fn(LogIndex) -> Option<Term>,
) -> LogIndex {
    let ladder = (commit.0 + 1..=replicated.0).map(LogIndex);
    ladder.filter(|rung| term_at(*rung) == Some(current)).last().unwrap_or(commit)
}

hand_in!("raft-commit", Rulebook { leader_commit });
