//! Alternative vote: compares what is taken with what there is, in wider numbers.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

fn locks(holder: Option<Txn>) -> Ruling<TwoPhaseRule> {
    if let Some(Txn { .. }) = holder { Refuse(TwoPhaseRule::WaitForRow) } else { Allow(TwoPhaseRule::LockRow) }
}

fn votes(amount: i64, by: i64) -> Ruling<TwoPhaseRule> {
    let after = i128::from(amount) + i128::from(by);
    if (0..=i128::from(i64::MAX)).contains(&after) { Allow(TwoPhaseRule::VoteYes) } else { Refuse(TwoPhaseRule::VoteNo) }
}

hand_in!("txn-vote", Rulebook { locks, votes });
