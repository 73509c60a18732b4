//! Restart of the granter. Read `quorate learn show lease-restart` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §5: the time for which a granter grants nothing after a restart, rounded up to the
/// nanosecond.
fn quarantine(terms: &Terms) -> Duration {
    unfinished!(terms)
}

hand_in!("lease-restart", Rulebook { quarantine });
