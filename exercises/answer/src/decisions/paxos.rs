//! Wire forms of the arguments and results of Paxos' decisions, which a learner's process answers
//! and the grader's process asks for.

use quorate_paxos::multi::Entry;
use quorate_paxos::{Ballot, PaxosRule, Phase, Quorums};
use quorate_protocol::{NodeId, Ruling};

use crate::wire::{WireForm, is_wire_form};

is_wire_form!(Ballot, Entry);

impl WireForm for Phase {
    type As = u8;

    fn to_wire(&self) -> u8 {
        match self {
            Phase::One => 1,
            Phase::Two => 2,
        }
    }

    fn from_wire(form: u8) -> Option<Self> {
        match form {
            1 => Some(Phase::One),
            2 => Some(Phase::Two),
            _ => None,
        }
    }
}

impl WireForm for Quorums {
    type As = [usize; 3];

    fn to_wire(&self) -> [usize; 3] {
        [self.acceptors, self.phase_1, self.phase_2]
    }

    fn from_wire([acceptors, phase_1, phase_2]: [usize; 3]) -> Option<Self> {
        Some(Quorums { acceptors, phase_1, phase_2 })
    }
}

macro_rules! declare {
    ($($decisions:tt)+) => { super::rulebook! { {} $($decisions)+ } };
}
crate::paxos_decisions!(declare);
