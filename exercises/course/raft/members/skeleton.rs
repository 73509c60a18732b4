//! Membership changes. Read `quorate learn show raft-members` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Dissertation §4.1, and its correction of 2015: whether a leader may begin a membership change.
fn may_change(change_pending: bool, own_term_committed: bool) -> Ruling<RaftRule> {
    unfinished!(change_pending, own_term_committed)
}

/// Dissertation §4.2.1: whether a learner that lacks this many entries becomes a voter.
fn may_promote(lacks: u64, limit: u64) -> bool {
    unfinished!(lacks, limit)
}

/// Dissertation §4.2.2: whether a leader counts its own copy towards a majority.
fn leader_counts_itself(is_voter: bool) -> bool {
    unfinished!(is_voter)
}

/// Dissertation §4.2.2: whether a node may become a candidate.
fn may_campaign(votes_in_newest: bool, votes_in_earlier: bool) -> Ruling<RaftRule> {
    unfinished!(votes_in_newest, votes_in_earlier)
}

/// Dissertation §4.2.1: whether a node votes that has no vote as far as it knows.
fn votes_without_vote() -> bool {
    unfinished!()
}

/// Raft §6: the last entry whose list counts, in a log that ends at `last` and is known to be
/// committed up to `commit`.
fn configured_up_to(last: LogIndex, commit: LogIndex) -> LogIndex {
    unfinished!(last, commit)
}

/// Raft §6: whether the leader leaves the configuration with two lists.
fn leaves_joint(committed: bool) -> bool {
    unfinished!(committed)
}

hand_in!(
    "raft-members",
    Rulebook {
        may_change,
        may_promote,
        leader_counts_itself,
        may_campaign,
        votes_without_vote,
        configured_up_to,
        leaves_joint,
    }
);
