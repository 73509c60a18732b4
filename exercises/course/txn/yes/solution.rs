//! The memory of a participant.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// Gray 1978 §5.8.
fn writes_yes() -> bool {
    true
}

/// BHG §7.4.
fn locks_again() -> bool {
    true
}

hand_in!("txn-yes", Rulebook { writes_yes, locks_again });
