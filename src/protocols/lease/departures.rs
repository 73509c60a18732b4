//! Rulebooks that depart from the book in one point, for stories about what goes wrong without it: `rules=NAME` on a cluster line.

use quorate_lab::script::Repertoire;
use quorate_lease::{ByTheBook, LeaseRule, Rulebook, Sequencer, Standing, Terms, Token};
use quorate_protocol::Ruling::{self, Allow};
use quorate_protocol::{Duration, LocalTime, NodeId, Time};

use super::LeaseScript;

macro_rules! departure {
    ($(#[$attribute:meta])* $name:ident { $($method:tt)* }) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
        pub struct $name;

        impl Rulebook for $name {
            $($method)*
        }
    };
}

departure! {
    /// A monitor without leases: whoever is not heard is no longer primary, it thinks, and makes another.
    HeartbeatOnly {
        fn grants(&self, standing: Standing, asks: NodeId) -> Ruling<LeaseRule> {
            ByTheBook.grants(Standing { ended: standing.ended || standing.suspected, ..standing }, asks)
        }
    }
}

departure! {
    /// Holders count as long as their granter does, whatever the clocks.
    NoDriftMargin {
        fn holder_term(&self, terms: &Terms) -> Duration {
            terms.granter()
        }
    }
}

departure! {
    /// Terms are counted on the wall clock, which people set.
    WallClock {
        fn clock(&self, now: LocalTime) -> Time {
            now.wall
        }
    }
}

departure! {
    /// Who restarts behaves as if it had never granted anything.
    NoQuarantine {
        fn quarantine(&self, _: &Terms) -> Duration {
            Duration::ZERO
        }
    }
}

departure! {
    /// A resource that does not look at tokens.
    NoFence {
        fn admits(&self, _: Option<Token>, _: Sequencer) -> Ruling<LeaseRule> {
            Allow(LeaseRule::AcceptWrite)
        }
    }
}

/// Adds each of these rulebooks to the protocol that it makes a difference to.
pub(super) fn all(repertoire: Repertoire) -> Repertoire {
    repertoire
        .departing::<LeaseScript<HeartbeatOnly>>("heartbeat-only")
        .departing::<LeaseScript<NoDriftMargin>>("no-drift-margin")
        .departing::<LeaseScript<WallClock>>("wall-clock")
        .departing::<LeaseScript<NoQuarantine>>("no-quarantine")
        .departing::<LeaseScript<NoFence>>("no-fence")
}
