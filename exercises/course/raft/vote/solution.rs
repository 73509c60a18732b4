//! RequestVote: does this candidate get the vote?

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.4.1.
fn up_to_date(candidate: Position, mine: Position) -> bool {
    if candidate.term == mine.term { candidate.index >= mine.index } else { candidate.term > mine.term }
}

/// Raft §5.2, Figure 2, RequestVote, receiver.
fn vote(candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
    if candidate.term < me.term {
        return Refuse(RaftRule::RefuseVoteStaleTerm);
    }
    match me.vote {
        Some(other) if other != candidate.node => Refuse(RaftRule::RefuseVoteGiven),
        _ if up_to_date(candidate.last, me.last) => Allow(RaftRule::GrantVote),
        _ => Refuse(RaftRule::RefuseVoteOutdated),
    }
}

hand_in!("raft-vote", Rulebook { up_to_date, vote });
