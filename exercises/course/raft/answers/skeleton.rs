//! Handling AppendEntries replies. Read `quorate learn show raft-answers` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.1: whether a reply given in the term `answer` counts for the leader of the term
/// `current`.
fn counts_answer(answer: Term, current: Term) -> Ruling<RaftRule> {
    unfinished!(answer, current)
}

/// Raft Figure 2, matchIndex: the last index at which a follower is known to agree, after an
/// acknowledgement.
fn matched_after_ack(matched: LogIndex, acknowledged: LogIndex) -> LogIndex {
    unfinished!(matched, acknowledged)
}

hand_in!("raft-answers", Rulebook { counts_answer, matched_after_ack });
