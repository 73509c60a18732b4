//! Wire forms of the decisions of leases: arguments that the grader's process sends, and results
//! that the process with the learner's answer sends back.
//!
//! [`Terms`] here are the configured values alone: the real type computes what an exercise asks
//! for.

use quorate_lease::cache::CacheRule;
use quorate_lease::majority::MajorityRule;
use quorate_lease::replicated::ReplicatedRule;
use quorate_lease::store::StoreRule;
use quorate_lease::{CountRule, Drift, HolderRule, LeaseState, Sequencer, SingleRule, Token};
use quorate_protocol::{Duration, LocalTime, NodeId, Ruling, Time};

use crate::wire::{WireForm, is_wire_form};

is_wire_form!(Token, Sequencer);

/// Terms of a lease: the configured values only, not those derived from them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    granter: Duration,
    holder: Duration,
    renew_every: Duration,
    drift: Drift,
}

impl Terms {
    /// Creates terms.
    pub const fn new(granter: Duration, holder: Duration, renew_every: Duration, drift: Drift) -> Self {
        Terms { granter, holder, renew_every, drift }
    }

    /// Duration of a grant from when it is made, on the granter's clock.
    pub const fn granter(&self) -> Duration {
        self.granter
    }

    /// Duration for which a holder may act, from its request, on the holder's clock. Zero in the
    /// exercise that asks the learner to compute it.
    pub const fn holder(&self) -> Duration {
        self.holder
    }

    /// Renewal interval, on the holder's clock.
    pub const fn renew_every(&self) -> Duration {
        self.renew_every
    }

    /// Clock drift bound.
    pub const fn drift(&self) -> Drift {
        self.drift
    }
}

impl WireForm for Terms {
    type As = (Duration, Duration, Duration, Drift);

    fn to_wire(&self) -> Self::As {
        (self.granter, self.holder, self.renew_every, self.drift)
    }

    fn from_wire((granter, holder, renew_every, drift): Self::As) -> Option<Self> {
        Some(Terms { granter, holder, renew_every, drift })
    }
}

/// Converts the grader's own terms to those that an answer sees.
impl WireForm for quorate_lease::Terms {
    type As = <Terms as WireForm>::As;

    fn to_wire(&self) -> Self::As {
        (self.granter(), self.holder(), self.renew_every(), self.drift())
    }

    fn from_wire((granter, holder, renew_every, drift): Self::As) -> Option<Self> {
        quorate_lease::Terms::new(granter, holder, renew_every, drift).ok()
    }
}

impl WireForm for LocalTime {
    type As = (Time, Time);

    fn to_wire(&self) -> (Time, Time) {
        (self.monotonic, self.wall)
    }

    fn from_wire((monotonic, wall): (Time, Time)) -> Option<Self> {
        Some(LocalTime { monotonic, wall })
    }
}

impl WireForm for LeaseState {
    type As = (Option<NodeId>, [bool; 4], Option<NodeId>);

    fn to_wire(&self) -> Self::As {
        (self.holder, [self.ended, self.suspected, self.quarantined, self.delayed], self.turn)
    }

    fn from_wire((holder, [ended, suspected, quarantined, delayed], turn): Self::As) -> Option<Self> {
        Some(LeaseState { holder, ended, suspected, quarantined, delayed, turn })
    }
}

macro_rules! declare {
    ($($decisions:tt)+) => { super::rulebook! { {} $($decisions)+ } };
}
crate::lease_decisions!(declare);
