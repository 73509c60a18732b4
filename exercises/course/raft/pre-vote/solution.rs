//! Pre-vote: would I vote for this candidate?

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Dissertation §9.6.
fn pre_vote(candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
    let sees_a_leader = me.leads || me.hears_leader;
    let new_term = candidate.term > me.term;
    let (last, mine) = (candidate.last, me.last);
    let good_log = if last.term == mine.term { last.index >= mine.index } else { last.term > mine.term };
    match (sees_a_leader, new_term, good_log) {
        (true, _, _) => Refuse(RaftRule::RefusePreVoteLeader),
        (false, false, _) => Refuse(RaftRule::RefusePreVoteStaleTerm),
        (false, true, false) => Refuse(RaftRule::RefusePreVoteOutdated),
        (false, true, true) => Allow(RaftRule::GrantPreVote),
    }
}

/// Dissertation §9.6.
fn pre_vote_restarts_timeout() -> bool {
    false
}

/// Raft Figure 2, Followers.
fn refusal_restarts_timeout() -> bool {
    false
}

hand_in!("raft-pre-vote", Rulebook { pre_vote, pre_vote_restarts_timeout, refusal_restarts_timeout });
