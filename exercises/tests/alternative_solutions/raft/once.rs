//! Alternative vote that is given once: a node that has voted in a term refuses every request, even
//! a repeated one of the same candidate.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

fn up_to_date(candidate: Position, mine: Position) -> bool {
    let is_behind = candidate.term < mine.term || candidate.term == mine.term && candidate.index < mine.index;
    !is_behind
}

fn vote(candidate: Candidate, me: Voter) -> Ruling<RaftRule> {
    match (candidate.term < me.term, me.vote, up_to_date(candidate.last, me.last)) {
        (true, _, _) => Refuse(RaftRule::RefuseVoteStaleTerm),
        (_, Some(_), _) => Refuse(RaftRule::RefuseVoteGiven),
        (_, None, false) => Refuse(RaftRule::RefuseVoteOutdated),
        (_, None, true) => Allow(RaftRule::GrantVote),
    }
}

hand_in!("raft-vote", Rulebook { up_to_date, vote });
