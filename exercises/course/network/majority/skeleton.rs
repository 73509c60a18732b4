//! Majority quorums: how many are enough? Read `quorate learn show majority` first.

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

/// Your quorums.
struct Mine;

impl Quorum for Mine {
    /// Whether enough members have answered. `heard` may contain duplicates, and nodes that are not
    /// members.
    fn is_quorum(members: &[NodeId], heard: &[NodeId]) -> bool {
        unfinished!(members, heard)
    }

    /// The largest number of members that may be down, whichever they are, such that the others
    /// still form a quorum.
    fn may_fail(members: usize) -> usize {
        unfinished!(members)
    }
}

hand_in!("majority", majority::<Mine>());
