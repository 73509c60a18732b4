//! Alternative decision: counts what is missing, and cites other rules.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

fn counts(before: u32) -> Ruling<TwoPhaseRule> {
    match before {
        0 => Allow(TwoPhaseRule::CountVote),
        1.. => Refuse(TwoPhaseRule::LateVote),
    }
}

fn commits(yes: usize, participants: usize) -> Ruling<TwoPhaseRule> {
    match participants.saturating_sub(yes) {
        0 => Allow(TwoPhaseRule::DecideCommit),
        _ => Refuse(TwoPhaseRule::StillOpen),
    }
}

fn aborts_late(committed: bool) -> Ruling<TwoPhaseRule> {
    [Allow(TwoPhaseRule::AbortLate), Refuse(TwoPhaseRule::SendAgain)][usize::from(committed)]
}

hand_in!("txn-decide", Rulebook { counts, commits, aborts_late });
