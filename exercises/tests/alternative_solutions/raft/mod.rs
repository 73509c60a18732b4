//! Alternative Raft implementations: different data structures and habits, the same protocol. All
//! of them pass.

mod asks_first;
mod flat;
mod in_one_piece;
mod lazy;
mod one_by_one;
mod whole_state;

use quorate_exercises::Answer;
use quorate_exercises::answer::grade;
use quorate_exercises::course;
use quorate_exercises::grading::{Grading, GradingVerdict};

use crate::answers::fresh_seeds;

fn passes(id: &str, student: &str, answer: &impl Answer) {
    let exercise = course::find(id).expect("the course has it");
    for fresh in fresh_seeds(1) {
        let outcome = grade(exercise, answer, &mut Grading::new(fresh));
        assert_eq!(outcome.verdict, GradingVerdict::Passed, "{student}, {id}, fresh cases from {fresh}");
        assert_eq!(outcome.points, exercise.points, "{student}, {id}");
    }
}

#[test]
fn who_keeps_every_field_in_one_structure_passes() {
    passes("build-raft-election", "flat", &flat::answer());
}

#[test]
fn who_asks_before_it_stands_passes() {
    passes("build-raft-election", "asks_first", &asks_first::answer());
}

#[test]
fn who_waits_for_the_heartbeat_passes() {
    passes("build-raft-log", "lazy", &lazy::answer());
}

#[test]
fn who_sends_an_entry_at_a_time_passes() {
    passes("build-raft-log", "one_by_one", &one_by_one::answer());
}

#[test]
fn who_writes_all_that_it_knows_passes() {
    passes("build-raft-persistence", "whole_state", &whole_state::answer());
}

#[test]
fn who_sends_snapshots_whole_passes() {
    passes("build-raft-snapshot", "in_one_piece", &in_one_piece::answer());
}
