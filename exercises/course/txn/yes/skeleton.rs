//! The memory of a participant. Read `quorate learn show txn-yes` first.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// Gray 1978 §5.8: whether a participant writes its part to disk with its yes.
fn writes_yes() -> bool {
    unfinished!()
}

/// BHG §7.4: whether a restarted participant locks the rows again for which it has voted yes.
fn locks_again() -> bool {
    unfinished!()
}

hand_in!("txn-yes", Rulebook { writes_yes, locks_again });
