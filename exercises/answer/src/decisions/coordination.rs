//! Wire forms of the arguments and results of the decisions about locks on a coordination service,
//! which a learner's process answers and the grader's process asks for.

use quorate_lease::{Name, Token};
use quorate_locks::LockRule;
use quorate_locks::coordination::{Belief, Child, LockMode, OnWake, Place, Recipe, Zxid};
use quorate_protocol::{Duration, Ruling, Time};

use super::lease::Terms;
use crate::wire::{WireForm, is_wire_form};

is_wire_form!(Zxid, LockMode);

impl WireForm for Place {
    type As = u64;

    fn to_wire(&self) -> u64 {
        self.0
    }

    fn from_wire(form: u64) -> Option<Self> {
        Some(Place(form))
    }
}

impl WireForm for Child {
    type As = (Name, Option<u64>, Zxid);

    fn to_wire(&self) -> Self::As {
        (self.path.clone(), self.sequence, self.created)
    }

    fn from_wire((path, sequence, created): Self::As) -> Option<Self> {
        Some(Child { path, sequence, created })
    }
}

impl WireForm for Recipe {
    type As = String;

    fn to_wire(&self) -> String {
        self.name().to_owned()
    }

    fn from_wire(form: String) -> Option<Self> {
        Recipe::ALL.into_iter().find(|recipe| recipe.name() == form)
    }
}

impl WireForm for Belief {
    type As = bool;

    fn to_wire(&self) -> bool {
        *self == Belief::OwnClock
    }

    fn from_wire(is_own_clock: bool) -> Option<Self> {
        Some(if is_own_clock { Belief::OwnClock } else { Belief::UntilTold })
    }
}

impl WireForm for OnWake {
    type As = bool;

    fn to_wire(&self) -> bool {
        *self == OnWake::LookAgain
    }

    fn from_wire(looks_again: bool) -> Option<Self> {
        Some(if looks_again { OnWake::LookAgain } else { OnWake::Hold })
    }
}

macro_rules! declare {
    ($($decisions:tt)+) => { super::rulebook! { {} $($decisions)+ } };
}
crate::coordination_decisions!(declare);
