//! The kill matrix: which bugs of the zoo fail which exercises.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use quorate_bugs::{self as bugs, Bug, Protocol};
use quorate_exercises::course::COURSE;
use quorate_exercises::exam::Exam;
use quorate_exercises::grade::rules;
use quorate_exercises::{Exercise, Kind};

/// Grades the rulebook that has a bug, as if a learner had written it. Whether the grader finds out.
fn is_killed(bug: &Bug, exercise: &Exercise) -> bool {
    let mut exam = Exam::new(1);
    let wrong = "the bug is of that protocol";
    let tried = match bug.protocol {
        Protocol::Paxos | Protocol::MultiPaxos => {
            rules::paxos(bugs::paxos::Book::named(bug.id).expect(wrong), exercise, &mut exam)
        }
        Protocol::Raft => rules::raft(bugs::raft::Book::named(bug.id).expect(wrong), exercise, &mut exam),
        _ => rules::lease(bugs::lease::Book::named(bug.id).expect(wrong), exercise, &mut exam),
    };
    tried.is_err()
}

/// The exercises that a bug fails, by the bug.
fn kills() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut kills: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for exercise in COURSE.iter().filter(|exercise| exercise.kind == Kind::Rule) {
        for bug in exercise.bugs.iter().filter_map(|id| bugs::find(id)) {
            if is_killed(bug, exercise) {
                kills.entry(bug.id).or_default().push(exercise.id);
            }
        }
    }
    kills
}

#[test]
fn every_bug_fails_the_exercises_that_are_about_it() {
    let kills = kills();
    let mut survived = Vec::new();
    for exercise in COURSE.iter().filter(|exercise| exercise.kind == Kind::Rule) {
        for bug in exercise.bugs.iter().filter_map(|id| bugs::find(id)) {
            if !kills.get(bug.id).is_some_and(|by| by.contains(&exercise.id)) {
                survived.push((bug.id, exercise.id));
            }
        }
    }
    assert!(survived.is_empty(), "these get through: {survived:?}");
    let spared: Vec<&str> = bugs::all().filter(|bug| !kills.contains_key(bug.id)).map(|bug| bug.id).collect();
    assert!(spared.is_empty(), "no exercise is about these: {spared:?}");
    as_documented(&table(&kills));
}

#[test]
fn every_bug_that_an_exercise_names_is_in_the_zoo() {
    for exercise in COURSE {
        for id in exercise.bugs {
            assert!(bugs::find(id).is_some(), "{}: there is no bug '{id}'", exercise.id);
        }
    }
}

/// The matrix, in Markdown: a table for each protocol, a row for each bug.
fn table(kills: &BTreeMap<&str, Vec<&str>>) -> String {
    let mut text = "# The kill matrix\n\nWhich bugs of the zoo fail which exercises: each rulebook with a bug was handed in as an \
                    answer. Written by `UPDATE_KILLS=1 cargo test -p quorate-exercises`, and checked by every `cargo test`.\n\n\
                    Two bugs show in no cluster of ours, only in a node by itself that is sent what no leader of ours sends, \
                    `commit-not-min` and `ack-beyond`: they fail for what they answer when they are asked.\n"
        .to_owned();
    let mut protocol = None;
    for bug in bugs::all() {
        if protocol != Some(bug.protocol) {
            protocol = Some(bug.protocol);
            let _ = write!(text, "\n## {}\n\n| bug | fails |\n|---|---|\n", bug.protocol);
        }
        let by = kills.get(bug.id).map_or_else(String::new, |by| by.join(", "));
        let _ = writeln!(text, "| {} | {by} |", bug.id);
    }
    text
}

fn as_documented(table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("KILLS.md");
    if std::env::var_os("UPDATE_KILLS").is_some() {
        fs::write(&path, table).expect("the matrix can be written");
    }
    let written = fs::read_to_string(&path).expect("exercises/KILLS.md is there");
    assert_eq!(written, table, "exercises/KILLS.md is out of date: UPDATE_KILLS=1 writes it");
}
