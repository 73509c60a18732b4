//! Truncate on conflict: which entries are removed, and what may be acknowledged?

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.3, Figure 2, AppendEntries 3.
fn truncates(overlap: AppendSpan) -> Option<LogIndex> {
    overlap.conflict
}

/// Raft §5.3.
fn acknowledges(overlap: AppendSpan) -> LogIndex {
    LogIndex(overlap.previous.0 + overlap.count)
}

hand_in!("raft-truncate", Rulebook { truncates, acknowledges });
