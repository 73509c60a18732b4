//! The commit index of a follower.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.3, Figure 2, AppendEntries 5.
fn follower_commit(commit: LogIndex, leader_commit: LogIndex, overlap: AppendSpan) -> LogIndex {
    let agreed = overlap.covered();
    let news = if leader_commit < agreed { leader_commit } else { agreed };
    if news > commit { news } else { commit }
}

hand_in!("raft-follower-commit", Rulebook { follower_commit });
