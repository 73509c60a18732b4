//! Denial of a renewal. Read `quorate learn show lease-denial` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §2: the end of a holder's term after its renewal was denied `now`.
fn until_after_denial(until: Time, now: Time, terms: &Terms) -> Time {
    unfinished!(until, now, terms)
}

hand_in!("lease-denial", Rulebook { until_after_denial });
