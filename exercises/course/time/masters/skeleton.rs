//! The time that enough masters agree on. Read
//! `quorate learn show time-masters` first.

use quorate_exercises::prelude::*;
use quorate_exercises::true_time::*;

/// RFC 5905 §11.2.1: whether so many answers are enough.
fn enough(answers: usize, faulty: usize) -> Ruling<TrueTimeRule> {
    unfinished!(answers, faulty)
}

/// RFC 5905 §11.2.1: the number of answers that contain the true time for certain.
fn agreeing(answers: usize, faulty: usize) -> usize {
    unfinished!(answers, faulty)
}

/// RFC 5905 §11.2.1: the reading that the answers allow.
fn trusted(answers: &[Interval], faulty: usize) -> Option<Interval> {
    unfinished!(answers, faulty)
}

hand_in!("time-masters", Rulebook { enough, agreeing, trusted });
