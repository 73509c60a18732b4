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

/// Raft Figure 13, 6 and 7: whether the entries behind a snapshot stay, where the snapshot's last
/// entry is `last` and the node's own at that index is of the term `mine`.
fn keeps_log_behind_snapshot(last: Position, mine: Option<Term>) -> bool {
    unfinished!(last, mine)
}

hand_in!("raft-install", Rulebook { installs, term_after_snapshot, keeps_log_behind_snapshot });
