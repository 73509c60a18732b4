//! The vote of a participant.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// Eswaran 1976 §4.
fn locks(holder: Option<Txn>) -> Ruling<TwoPhaseRule> {
    match holder {
        None => Allow(TwoPhaseRule::LockRow),
        Some(_) => Refuse(TwoPhaseRule::WaitForRow),
    }
}

/// BHG §7.4.
fn votes(amount: i64, by: i64) -> Ruling<TwoPhaseRule> {
    match amount.checked_add(by) {
        Some(after) if after >= 0 => Allow(TwoPhaseRule::VoteYes),
        _ => Refuse(TwoPhaseRule::VoteNo),
    }
}

hand_in!("txn-vote", Rulebook { locks, votes });
