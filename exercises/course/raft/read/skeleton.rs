//! Reading without the log. Read `quorate learn show raft-read` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Dissertation §6.4: may a leader note its commit index for a question that has come?
fn notes_read(own_term_committed: bool) -> Ruling<RaftRule> {
    unfinished!(own_term_committed)
}

/// Dissertation §6.4: may it be answered now?
fn serves_read(confirmed: bool, applied: LogIndex, read_index: LogIndex) -> bool {
    unfinished!(confirmed, applied, read_index)
}

hand_in!("raft-read", Rulebook { notes_read, serves_read });
