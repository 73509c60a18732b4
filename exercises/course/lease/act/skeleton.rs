//! Check of the lease before each act. Read `quorate learn show lease-act` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Distributed locking: whether a holder checks its lease again, after its work and in the step in
/// which it acts.
fn checks_again() -> bool {
    unfinished!()
}

hand_in!("lease-act", Rulebook { checks_again });
