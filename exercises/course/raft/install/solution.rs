//! Installing a snapshot.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §7.
fn installs(last: LogIndex, commit: LogIndex) -> Ruling<RaftRule> {
    if last <= commit { Refuse(RaftRule::IgnoreOldSnapshot) } else { Allow(RaftRule::InstallSnapshot) }
}

/// Raft §7.
fn term_after_snapshot(current: Term, _snapshot: Term) -> Term {
    // That is the term of an entry. The node's own term was updated when it heard the leader.
    current
}

/// Raft Figure 13, 6 and 7.
fn keeps_log_behind_snapshot(last: Position, mine: Option<Term>) -> bool {
    mine.is_some_and(|term| term == last.term)
}

hand_in!("raft-install", Rulebook { installs, term_after_snapshot, keeps_log_behind_snapshot });
