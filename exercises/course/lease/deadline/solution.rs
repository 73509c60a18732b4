//! The end of the holder's term.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §5.
fn clock(now: LocalTime) -> Time {
    now.monotonic
}

/// Leases §3.
fn counts_from(sent: Time, _received: Time) -> Time {
    sent
}

/// Leases §2.
fn may_act(until: Time, now: Time) -> Ruling<HolderRule> {
    if until > now { Allow(HolderRule::ActInLease) } else { Refuse(HolderRule::LeaseOver) }
}

hand_in!("lease-deadline", Rulebook { clock, counts_from, may_act });
