//! The acceptors of votes.

use quorate_exercises::paxos_commit::*;
use quorate_exercises::prelude::*;

/// Gray and Lamport §4.1, phase 2b.
fn accepts(promised: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosCommitRule> {
    if promised.is_some_and(|promised| promised > asked) {
        Refuse(PaxosCommitRule::RefuseLower)
    } else if accepted == Some(asked) {
        Allow(PaxosCommitRule::AcceptAgain)
    } else {
        Allow(PaxosCommitRule::AcceptVote)
    }
}

/// Gray and Lamport §4.3.
fn writes_accepted() -> bool {
    true
}

/// Gray and Lamport §4.1, phase 2a.
fn prepared(promises: usize, quorums: Quorums) -> bool {
    promises >= quorums.phase_1
}

/// Gray and Lamport §4.1.
fn chosen(accepted: usize, quorums: Quorums) -> bool {
    accepted >= quorums.phase_2
}

hand_in!("txn-acceptors", Rulebook { accepts, writes_accepted, prepared, chosen });
