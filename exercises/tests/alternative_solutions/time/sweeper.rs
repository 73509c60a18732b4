//! The time of several masters, by a student who sweeps over all ends in order and counts.

use quorate_exercises::prelude::*;
use quorate_exercises::true_time::*;

fn enough(answers: usize, faulty: usize) -> Ruling<TrueTimeRule> {
    let honest = answers.saturating_sub(faulty);
    if honest > faulty { Allow(TrueTimeRule::Synchronise) } else { Refuse(TrueTimeRule::AwaitAnswers) }
}

fn agreeing(answers: usize, faulty: usize) -> usize {
    answers.saturating_sub(faulty)
}

fn trusted(answers: &[Interval], faulty: usize) -> Option<Interval> {
    // Beginnings come before ends of the same time.
    let mut ends: Vec<(Time, i32)> = Vec::new();
    for answer in answers {
        ends.push((answer.earliest, -1));
        ends.push((answer.latest, 1));
    }
    ends.sort_unstable();
    let needed = agreeing(answers.len(), faulty) as i32;
    let (mut depth, mut first, mut last) = (0, None, None);
    for (time, step) in ends {
        let before = depth;
        depth -= step;
        if before < needed && depth >= needed && first.is_none() {
            first = Some(time);
        }
        if before >= needed && depth < needed {
            last = Some(time);
        }
    }
    Some(Interval { earliest: first?, latest: last? })
}

hand_in!("time-masters", Rulebook { enough, agreeing, trusted });
