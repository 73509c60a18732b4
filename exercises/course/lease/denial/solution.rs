//! Denial of a renewal.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §2.
fn until_after_denial(until: Time, _now: Time, _terms: &Terms) -> Time {
    // The earlier grant is still valid, and was not extended.
    until
}

hand_in!("lease-denial", Rulebook { until_after_denial });
