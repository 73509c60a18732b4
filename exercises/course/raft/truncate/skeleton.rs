//! Truncate on conflict: which entries are removed, and what may be acknowledged? Read
//! `quorate learn show raft-truncate` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.3, Figure 2, AppendEntries 3: the first entry to remove.
fn truncates(overlap: AppendSpan) -> Option<LogIndex> {
    unfinished!(overlap)
}

/// Raft §5.3: the last index at which the logs are known to agree, once the new entries are stored.
fn acknowledges(overlap: AppendSpan) -> LogIndex {
    unfinished!(overlap)
}

hand_in!("raft-truncate", Rulebook { truncates, acknowledges });
