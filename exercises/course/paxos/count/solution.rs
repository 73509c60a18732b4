//! Counting promises.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, phase 2(a): a reply is to one ballot, and says nothing about another.
fn counts(reply: Ballot, current: Ballot) -> Ruling<PaxosRule> {
    if reply != current {
        return Refuse(PaxosRule::StaleReply);
    }
    Allow(PaxosRule::CountPromise)
}

/// Paxos Made Simple §2.2, phase 2(a): each acceptor counts once.
fn counts_once(from: NodeId, heard: &[NodeId]) -> Ruling<PaxosRule> {
    match heard.contains(&from) {
        true => Refuse(PaxosRule::RepeatedPromise),
        false => Allow(PaxosRule::CountPromise),
    }
}

hand_in!("paxos-count", Rulebook { counts, counts_once });
