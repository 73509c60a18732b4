//! The vote of a participant. Read `quorate learn show txn-vote` first.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// Eswaran 1976 §4: whether a row can be locked that `holder` has locked.
fn locks(holder: Option<Txn>) -> Ruling<TwoPhaseRule> {
    unfinished!(holder)
}

/// BHG §7.4: the vote on changing `amount` by `by`.
fn votes(amount: i64, by: i64) -> Ruling<TwoPhaseRule> {
    unfinished!(amount, by)
}

hand_in!("txn-vote", Rulebook { locks, votes });
