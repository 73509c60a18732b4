//! Alternative backtracking to where the follower's entries of the conflicting term begin, even if
//! the leader has entries of that term too: it sends slightly more than necessary.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

fn next_after_refusal(conflict: Conflict, last_of_that_term: Option<LogIndex>) -> LogIndex {
    let behind_mine = last_of_that_term.map_or(conflict.first, LogIndex::next);
    conflict.first.min(behind_mine)
}

fn heeds_refusal(refused: LogIndex, matched: LogIndex, probing: Option<LogIndex>) -> Ruling<RaftRule> {
    let asked = probing.unwrap_or(refused);
    match refused == asked && refused > matched {
        true => Allow(RaftRule::BackUp),
        false => Refuse(RaftRule::IgnoreOldRefusal),
    }
}

hand_in!(
    "raft-backtrack",
    Rulebook { next_after_refusal, heeds_refusal }
);
