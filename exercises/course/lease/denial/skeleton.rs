//! When the renewal fails. Read `quorate learn show lease-denial` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §2: until when may a holder act, whose renewal was refused `now`?
fn until_after_denial(until: Time, now: Time, terms: &Terms) -> Time {
    unfinished!(until, now, terms)
}

hand_in!("lease-denial", Rulebook { until_after_denial });
