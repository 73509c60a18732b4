//! The margin for clock drift. Read `quorate learn show lease-drift` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §3, §5: the longest term that a holder may count, rounded down to the nanosecond.
fn holder_term(terms: &Terms) -> Duration {
    unfinished!(terms)
}

hand_in!("lease-drift", Rulebook { holder_term });
