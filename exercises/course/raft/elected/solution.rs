//! Winning an election: when does a candidate become leader?

use std::collections::BTreeSet;

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §5.2.
fn majority(count: usize, of: usize) -> bool {
    count > of / 2
}

/// Raft §5.2, §6.
fn elected(votes: &BTreeSet<NodeId>, membership: &Membership) -> bool {
    for group in membership.groups() {
        let mut yes = 0;
        for voter in group {
            if votes.contains(voter) {
                yes += 1;
            }
        }
        if !majority(yes, group.len()) {
            return false;
        }
    }
    true
}

/// Raft §5.2.
fn counts_vote(answer: Election, standing: Election) -> Ruling<RaftRule> {
    if answer.term != standing.term {
        return Refuse(RaftRule::IgnoreStale);
    }
    match (answer.kind, standing.kind) {
        (ElectionKind::Vote, ElectionKind::Vote) => Allow(RaftRule::CountVote),
        (ElectionKind::PreVote, ElectionKind::PreVote) => Allow(RaftRule::CountPreVote),
        _ => Refuse(RaftRule::IgnoreStale),
    }
}

hand_in!("raft-elected", Rulebook { majority, elected, counts_vote });
