//! Log backtracking: where do two logs agree?

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft, end of §5.3.
fn next_after_refusal(conflict: Conflict, last_of_that_term: Option<LogIndex>) -> LogIndex {
    match last_of_that_term {
        Some(last) => last.next(),
        None => conflict.first,
    }
}

/// Raft §5.3.
fn heeds_refusal(refused: LogIndex, matched: LogIndex, probing: Option<LogIndex>) -> Ruling<RaftRule> {
    let settled = refused <= matched;
    let other_question = probing.is_some() && probing != Some(refused);
    if settled || other_question { Refuse(RaftRule::IgnoreOldRefusal) } else { Allow(RaftRule::BackUp) }
}

hand_in!("raft-backtrack", Rulebook { next_after_refusal, heeds_refusal });
