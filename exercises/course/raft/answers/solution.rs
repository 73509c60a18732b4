//! Handling AppendEntries replies.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.1.
fn counts_answer(answer: Term, current: Term) -> Ruling<RaftRule> {
    if answer != current {
        return Refuse(RaftRule::IgnoreStale);
    }
    Allow(RaftRule::CountAck)
}

/// Raft Figure 2, matchIndex.
fn matched_after_ack(matched: LogIndex, acknowledged: LogIndex) -> LogIndex {
    if acknowledged > matched { acknowledged } else { matched }
}

hand_in!("raft-answers", Rulebook { counts_answer, matched_after_ack });
