//! The commit index of a follower. Read `quorate learn show raft-follower-commit` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.3, Figure 2, AppendEntries 5: the follower's commit index, after an append that it has
/// stored.
fn follower_commit(commit: LogIndex, leader_commit: LogIndex, overlap: AppendSpan) -> LogIndex {
    unfinished!(commit, leader_commit, overlap)
}

hand_in!("raft-follower-commit", Rulebook { follower_commit });
