//! Installing a snapshot. Read `quorate learn show raft-install` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §7: whether a node that has committed up to `commit` installs a snapshot that ends with
/// `last`.
fn installs(last: LogIndex, commit: LogIndex) -> Ruling<RaftRule> {
    unfinished!(last, commit)
}

/// Raft §7: the term of a node after it has installed a snapshot whose last entry is of the term
/// `snapshot`.
fn term_after_snapshot(current: Term, snapshot: Term) -> Term {
    unfinished!(current, snapshot)
}

hand_in!("raft-install", Rulebook { installs, term_after_snapshot });
