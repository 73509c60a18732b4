//! Majority quorums: how many are enough?

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

/// More than half of the members.
struct Mine;

impl Quorum for Mine {
    fn is_quorum(members: &[NodeId], heard: &[NodeId]) -> bool {
        let votes = members.iter().filter(|member| heard.contains(member)).count();
        2 * votes > members.len()
    }

    fn may_fail(members: usize) -> usize {
        let quorum = members / 2 + 1;
        members - quorum
    }
}

hand_in!("majority", majority::<Mine>());
