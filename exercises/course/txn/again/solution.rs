//! Requests and identifiers that are new.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// RIFL §3.
fn begins(last: Option<u64>, number: u64) -> Ruling<TwoPhaseRule> {
    match last {
        Some(last) if last == number => Refuse(TwoPhaseRule::AnswerFromRecord),
        Some(last) if last > number => Refuse(TwoPhaseRule::Overtaken),
        _ => Allow(TwoPhaseRule::Begin),
    }
}

/// BHG §7.4.
fn next_life(written: u64) -> u64 {
    written + 1
}

hand_in!("txn-again", Rulebook { begins, next_life });
