//! Wire forms of the arguments and results of the locks' decisions, which a learner's process
//! answers and the grader's process asks for.

use quorate_lease::Token;
use quorate_locks::{AttemptId, ExpiryClock, LockRule, LockValue, Persistence, Recipe};
use quorate_protocol::{Duration, LocalTime, NodeId, Ruling, Time};

use crate::wire::WireForm;

impl WireForm for AttemptId {
    type As = (NodeId, u64);

    fn to_wire(&self) -> Self::As {
        (self.owner, self.number)
    }

    fn from_wire((owner, number): Self::As) -> Option<Self> {
        Some(AttemptId { owner, number })
    }
}

impl WireForm for LockValue {
    type As = Option<<AttemptId as WireForm>::As>;

    fn to_wire(&self) -> Self::As {
        match self {
            LockValue::Fixed => None,
            LockValue::Unique(attempt) => Some(attempt.to_wire()),
        }
    }

    fn from_wire(form: Self::As) -> Option<Self> {
        form.map_or(Some(LockValue::Fixed), |form| AttemptId::from_wire(form).map(LockValue::Unique))
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

impl WireForm for ExpiryClock {
    type As = bool;

    fn to_wire(&self) -> bool {
        *self == ExpiryClock::Monotonic
    }

    fn from_wire(is_monotonic: bool) -> Option<Self> {
        Some(if is_monotonic { ExpiryClock::Monotonic } else { ExpiryClock::Wall })
    }
}

impl WireForm for Persistence {
    type As = bool;

    fn to_wire(&self) -> bool {
        *self == Persistence::Always
    }

    fn from_wire(is_always: bool) -> Option<Self> {
        Some(if is_always { Persistence::Always } else { Persistence::Never })
    }
}

macro_rules! declare {
    ($($decisions:tt)+) => { super::rulebook! { {} $($decisions)+ } };
}
crate::lock_decisions!(declare);
