//! The time that enough masters agree on.

use quorate_exercises::prelude::*;
use quorate_exercises::true_time::*;

/// RFC 5905 §11.2.1.
fn enough(answers: usize, faulty: usize) -> Ruling<TrueTimeRule> {
    if answers > 2 * faulty { Allow(TrueTimeRule::Synchronise) } else { Refuse(TrueTimeRule::AwaitAnswers) }
}

/// RFC 5905 §11.2.1.
fn agreeing(answers: usize, faulty: usize) -> usize {
    answers.saturating_sub(faulty)
}

/// RFC 5905 §11.2.1.
fn trusted(answers: &[Interval], faulty: usize) -> Option<Interval> {
    let needed = agreeing(answers.len(), faulty);
    let is_likely = |time: &Time| {
        answers.iter().filter(|answer| answer.earliest <= *time && *time <= answer.latest).count() >= needed
    };
    // The region begins where an interval begins, and ends where one ends.
    let earliest = answers.iter().map(|answer| answer.earliest).filter(is_likely).min()?;
    let latest = answers.iter().map(|answer| answer.latest).filter(is_likely).max()?;
    Some(Interval { earliest, latest })
}

hand_in!("time-masters", Rulebook { enough, agreeing, trusted });
