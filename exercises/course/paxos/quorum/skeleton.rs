//! Quorums of two kinds: have enough acceptors answered? Read `quorate learn show paxos-quorum` first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2 and Flexible Paxos: whether so many acceptors are a quorum of that phase.
///
/// `quorums` says how the cluster is set up: how many acceptors there are, and how many each phase asks for.
fn quorum(phase: Phase, acceptors: usize, quorums: Quorums) -> bool {
    unfinished!(phase, acceptors, quorums)
}

hand_in!("paxos-quorum", Rulebook { quorum });
