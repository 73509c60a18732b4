//! Check, then act. Read `quorate learn show lease-act` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Distributed locking: does a holder look at its lease again, after its work and in the step in which it acts?
fn checks_again() -> bool {
    unfinished!()
}

hand_in!("lease-act", Rulebook { checks_again });
