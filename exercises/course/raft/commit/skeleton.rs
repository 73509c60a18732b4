//! The commit rule: what may a leader call committed? Read `quorate learn show raft-commit` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.4.2, Figure 8.
///
/// All entries up to `replicated` are stored on a majority, `commit` is the commit index so far,
/// `current` the leader's term, and `term_at` returns the term of an entry of its log.
fn leader_commit(
    commit: LogIndex,
    replicated: LogIndex,
    current: Term,
    term_at: &dyn Fn(LogIndex) -> Option<Term>,
) -> LogIndex {
    unfinished!(commit, replicated, current, term_at)
}

hand_in!("raft-commit", Rulebook { leader_commit });
