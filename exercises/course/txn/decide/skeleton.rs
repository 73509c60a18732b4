//! The decision of the coordinator. Read `quorate learn show txn-decide` first.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// BHG §7.3, AC5: whether a yes counts, of a participant of which so many are counted.
fn counts(before: u32) -> Ruling<TwoPhaseRule> {
    unfinished!(before)
}

/// BHG §7.3, AC3: whether so many yeses commit a transaction.
fn commits(yes: usize, participants: usize) -> Ruling<TwoPhaseRule> {
    unfinished!(yes, participants)
}

/// BHG §7.3, AC2, and §7.4: whether a coordinator whose timer fires aborts the transaction.
fn aborts_late(committed: bool) -> Ruling<TwoPhaseRule> {
    unfinished!(committed)
}

hand_in!("txn-decide", Rulebook { counts, commits, aborts_late });
