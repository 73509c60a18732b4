//! Log backtracking: where do two logs agree? Read `quorate learn show raft-backtrack` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft, end of §5.3: the first entry to send next, after a refusal that counts.
fn next_after_refusal(conflict: Conflict, last_of_that_term: Option<LogIndex>) -> LogIndex {
    unfinished!(conflict, last_of_that_term)
}

/// Raft §5.3: whether this refusal counts, or is outdated.
fn heeds_refusal(refused: LogIndex, matched: LogIndex, probing: Option<LogIndex>) -> Ruling<RaftRule> {
    unfinished!(refused, matched, probing)
}

hand_in!("raft-backtrack", Rulebook { next_after_refusal, heeds_refusal });
