//! Alternative lives: leaves gaps between them.

use std::cmp::Ordering;

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

fn begins(last: Option<u64>, number: u64) -> Ruling<TwoPhaseRule> {
    match last.map(|last| number.cmp(&last)) {
        None | Some(Ordering::Greater) => Allow(TwoPhaseRule::Begin),
        Some(Ordering::Equal) => Refuse(TwoPhaseRule::AnswerFromRecord),
        Some(Ordering::Less) => Refuse(TwoPhaseRule::Overtaken),
    }
}

fn next_life(written: u64) -> u64 {
    written + 10
}

hand_in!("txn-again", Rulebook { begins, next_life });
