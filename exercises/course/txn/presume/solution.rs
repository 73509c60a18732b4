//! The memory of the coordinator.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// BHG §7.4.
fn writes_commit() -> bool {
    true
}

/// Presumed abort §3.
fn forgets(done: usize, participants: usize) -> Ruling<TwoPhaseRule> {
    if done == participants { Allow(TwoPhaseRule::Forget) } else { Refuse(TwoPhaseRule::CountDone) }
}

/// Presumed abort §3.
fn presumes() -> Option<Outcome> {
    Some(Outcome::Abort)
}

hand_in!("txn-presume", Rulebook { writes_commit, forgets, presumes });
