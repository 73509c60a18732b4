//! When the renewal fails.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §2.
fn until_after_denial(until: Time, _now: Time, _terms: &Terms) -> Time {
    // What was granted stands, and nothing was added.
    until
}

hand_in!("lease-denial", Rulebook { until_after_denial });
