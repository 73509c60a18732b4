//! The cautious one goes back to where the follower's entries of that term begin, even where the leader has some of that term too: it
//! sends a little more than it must.

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
