//! Pre-vote: would I vote for this candidate? Read `quorate learn show raft-pre-vote` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Dissertation §9.6.
fn pre_vote(candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
    unfinished!(candidate, me)
}

/// Dissertation §9.6: whether a node that grants a pre-vote restarts its election timeout.
fn pre_vote_restarts_timeout() -> bool {
    unfinished!()
}

/// Raft Figure 2, Followers: whether a node that refuses a vote restarts its election timeout.
fn refusal_restarts_timeout() -> bool {
    unfinished!()
}

hand_in!("raft-pre-vote", Rulebook { pre_vote, pre_vote_restarts_timeout, refusal_restarts_timeout });
