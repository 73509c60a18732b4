//! The end of the holder's term. Read `quorate learn show lease-deadline` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §5: the clock on which terms are counted.
fn clock(now: LocalTime) -> Time {
    unfinished!(now)
}

/// Leases §3: the time from which a holder counts its term.
fn counts_from(sent: Time, received: Time) -> Time {
    unfinished!(sent, received)
}

/// Leases §2: whether a holder whose term ends at `until` may act.
fn may_act(until: Time, now: Time) -> Ruling<HolderRule> {
    unfinished!(until, now)
}

hand_in!("lease-deadline", Rulebook { clock, counts_from, may_act });
