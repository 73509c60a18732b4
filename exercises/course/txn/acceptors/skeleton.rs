//! The acceptors of votes. Read `quorate learn show txn-acceptors` first.

use quorate_exercises::paxos_commit::*;
use quorate_exercises::prelude::*;

/// Gray and Lamport §4.1, phase 2b: whether an acceptor accepts in the ballot `asked`.
fn accepts(promised: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosCommitRule> {
    unfinished!(promised, accepted, asked)
}

/// Gray and Lamport §4.3: whether an accepted vote is on disk before it is reported.
fn writes_accepted() -> bool {
    unfinished!()
}

/// Gray and Lamport §4.1, phase 2a: whether so many promises are enough to propose.
fn prepared(promises: usize, quorums: Quorums) -> bool {
    unfinished!(promises, quorums)
}

/// Gray and Lamport §4.1: whether a vote is chosen that so many have accepted in one ballot.
fn chosen(accepted: usize, quorums: Quorums) -> bool {
    unfinished!(accepted, quorums)
}

hand_in!("txn-acceptors", Rulebook { accepts, writes_accepted, prepared, chosen });
