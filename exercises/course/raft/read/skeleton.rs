//! ReadIndex: reads without a log entry. Read `quorate learn show raft-read` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Dissertation §6.4: whether a leader may record its commit index as the read index of a new read.
fn notes_read(own_term_committed: bool) -> Ruling<RaftRule> {
    unfinished!(own_term_committed)
}

/// Dissertation §6.4: whether the read may be answered now.
fn serves_read(confirmed: bool, applied: LogIndex, read_index: LogIndex) -> bool {
    unfinished!(confirmed, applied, read_index)
}

hand_in!("raft-read", Rulebook { notes_read, serves_read });
