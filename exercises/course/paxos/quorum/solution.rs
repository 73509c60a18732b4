//! Quorums of each phase (Flexible Paxos): have enough acceptors answered?

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2 and Flexible Paxos: each phase has its own size.
fn quorum(phase: Phase, acceptors: usize, quorums: Quorums) -> bool {
    let needed = match phase {
        Phase::One => quorums.phase_1,
        Phase::Two => quorums.phase_2,
    };
    acceptors >= needed
}

hand_in!("paxos-quorum", Rulebook { quorum });
