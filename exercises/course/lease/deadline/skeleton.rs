//! The holder's deadline. Read `quorate learn show lease-deadline` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §5: the clock that terms are counted on.
fn clock(now: LocalTime) -> Time {
    unfinished!(now)
}

/// Leases §3: from when a holder counts its term.
fn counts_from(sent: Time, received: Time) -> Time {
    unfinished!(sent, received)
}

/// Leases §2: may a holder act, whose term ends at `until`?
fn may_act(until: Time, now: Time) -> Ruling<HolderRule> {
    unfinished!(until, now)
}

hand_in!("lease-deadline", Rulebook { clock, counts_from, may_act });
