//! Check of the lease before each act.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Distributed locking.
fn checks_again() -> bool {
    // The first check was at the beginning of the work, which may have taken longer than the lease.
    true
}

hand_in!("lease-act", Rulebook { checks_again });
