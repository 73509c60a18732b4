//! Quorums of each phase (Flexible Paxos): have enough acceptors answered? Read
//! `quorate learn show paxos-quorum` first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2 and Flexible Paxos: whether `acceptors` acceptors are a quorum of that
/// phase.
///
/// `quorums` is the cluster's configuration: the number of acceptors, and the number that each
/// phase requires.
fn quorum(phase: Phase, acceptors: usize, quorums: Quorums) -> bool {
    unfinished!(phase, acceptors, quorums)
}

hand_in!("paxos-quorum", Rulebook { quorum });
