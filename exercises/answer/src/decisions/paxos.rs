//! Decisions of Paxos proposers, acceptors and learners.

use quorate_paxos::multi::Entry;
use quorate_paxos::{Ballot, PaxosRule, Phase, Quorums};
use quorate_protocol::{NodeId, Ruling};

use crate::wire::{Form, as_it_is};

as_it_is!(Ballot, Entry);

impl Form for Phase {
    type As = u8;

    fn form(&self) -> u8 {
        match self {
            Phase::One => 1,
            Phase::Two => 2,
        }
    }

    fn of(form: u8) -> Option<Self> {
        match form {
            1 => Some(Phase::One),
            2 => Some(Phase::Two),
            _ => None,
        }
    }
}

impl Form for Quorums {
    type As = [usize; 3];

    fn form(&self) -> [usize; 3] {
        [self.acceptors, self.phase_1, self.phase_2]
    }

    fn of([acceptors, phase_1, phase_2]: [usize; 3]) -> Option<Self> {
        Some(Quorums { acceptors, phase_1, phase_2 })
    }
}

macro_rules! declare {
    ($($decisions:tt)+) => { super::rulebook! { {} $($decisions)+ } };
}
crate::paxos_decisions!(declare);
