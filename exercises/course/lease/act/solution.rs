//! Check, then act.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Distributed locking.
fn checks_again() -> bool {
    // The first look was at the beginning of the work, and the work may have taken longer than the lease.
    true
}

hand_in!("lease-act", Rulebook { checks_again });
