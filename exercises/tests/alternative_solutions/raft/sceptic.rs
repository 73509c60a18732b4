//! Alternative election by complement: if the nodes that have not voted for the candidate could
//! elect another, it is not elected.

use std::collections::BTreeSet;

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

fn majority(count: usize, of: usize) -> bool {
    of - count < count
}

fn elected(votes: &BTreeSet<NodeId>, membership: &Membership) -> bool {
    let lost = |group: &[NodeId]| {
        let group: BTreeSet<NodeId> = group.iter().copied().collect();
        let against = group.difference(votes).count();
        2 * against >= group.len()
    };
    !membership.groups().any(lost)
}

fn counts_vote(answer: Election, standing: Election) -> Ruling<RaftRule> {
    match (answer == standing, standing.kind) {
        (false, _) => Refuse(RaftRule::IgnoreStale),
        (true, ElectionKind::Vote) => Allow(RaftRule::CountVote),
        (true, ElectionKind::PreVote) => Allow(RaftRule::CountPreVote),
    }
}

hand_in!("raft-elected", Rulebook { majority, elected, counts_vote });
