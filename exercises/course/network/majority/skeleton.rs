//! Majorities: how many are enough? Read `quorate learn show majority` first.

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

/// Your quorums.
struct Mine;

impl Quorum for Mine {
    /// Whether enough have answered. `heard` may name a node twice, and nodes that are no members.
    fn is_quorum(members: &[NodeId], heard: &[NodeId]) -> bool {
        unfinished!(members, heard)
    }

    /// How many members may be down, whichever they are, so that the others still make a quorum.
    fn may_fail(members: usize) -> usize {
        unfinished!(members)
    }
}

hand_in!("majority", majority::<Mine>());
