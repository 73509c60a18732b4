//! The decision of the coordinator.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// BHG §7.3, AC5.
fn counts(before: u32) -> Ruling<TwoPhaseRule> {
    if before == 0 { Allow(TwoPhaseRule::CountVote) } else { Refuse(TwoPhaseRule::RepeatedVote) }
}

/// BHG §7.3, AC3.
fn commits(yes: usize, participants: usize) -> Ruling<TwoPhaseRule> {
    if yes == participants { Allow(TwoPhaseRule::DecideCommit) } else { Refuse(TwoPhaseRule::CountVote) }
}

/// BHG §7.3, AC2, and §7.4.
fn aborts_late(committed: bool) -> Ruling<TwoPhaseRule> {
    if committed { Refuse(TwoPhaseRule::SendAgain) } else { Allow(TwoPhaseRule::AbortLate) }
}

hand_in!("txn-decide", Rulebook { counts, commits, aborts_late });
