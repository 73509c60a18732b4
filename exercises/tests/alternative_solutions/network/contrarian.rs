//! Alternative majority by complement: those present are a quorum as long as the absent could not
//! be one.

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

struct Contrarian;

impl Quorum for Contrarian {
    fn is_quorum(members: &[NodeId], heard: &[NodeId]) -> bool {
        let (here, missing): (Vec<NodeId>, Vec<NodeId>) = members.iter().partition(|member| heard.contains(member));
        missing.len() < here.len()
    }

    fn may_fail(members: usize) -> usize {
        // Found by trial instead of a formula.
        (0..members).rev().find(|down| *down < members - down).unwrap_or(0)
    }
}

hand_in!("majority", majority::<Contrarian>());
