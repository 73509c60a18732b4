//! ReadIndex: reads without a log entry.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Dissertation §6.4.
fn notes_read(own_term_committed: bool) -> Ruling<RaftRule> {
    if !own_term_committed {
        return Refuse(RaftRule::ReadTooEarly);
    }
    Allow(RaftRule::NoteReadIndex)
}

/// Dissertation §6.4.
fn serves_read(confirmed: bool, applied: LogIndex, read_index: LogIndex) -> bool {
    let new_enough = applied >= read_index;
    confirmed && new_enough
}

hand_in!("raft-read", Rulebook { notes_read, serves_read });
