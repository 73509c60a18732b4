//! Membership changes.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Dissertation §4.1, and its correction of 2015.
fn may_change(change_pending: bool, own_term_committed: bool) -> Ruling<RaftRule> {
    match (change_pending, own_term_committed) {
        (true, _) => Refuse(RaftRule::RefuseChangePending),
        (false, false) => Refuse(RaftRule::RefuseChangeTooEarly),
        (false, true) => Allow(RaftRule::StartChange),
    }
}

/// Dissertation §4.2.1.
fn may_promote(lacks: u64, limit: u64) -> bool {
    limit >= lacks
}

/// Dissertation §4.2.2.
fn leader_counts_itself(is_voter: bool) -> bool {
    is_voter
}

/// Dissertation §4.2.2.
fn may_campaign(votes_in_newest: bool, votes_in_earlier: bool) -> Ruling<RaftRule> {
    let has_a_say = votes_in_newest || votes_in_earlier;
    if !has_a_say {
        return Refuse(RaftRule::WaitWithoutVote);
    }
    Allow(RaftRule::ElectionTimeout)
}

/// Dissertation §4.2.1.
fn votes_without_vote() -> bool {
    true
}

/// Raft §6.
fn configured_up_to(last: LogIndex, _commit: LogIndex) -> LogIndex {
    last
}

/// Raft §6.
fn leaves_joint(committed: bool) -> bool {
    committed
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
