//! The kill matrix: which bugs of the zoo fail which exercises.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use quorate_bugs::{self as bugs, Bug, ProtocolId};
use quorate_exercises::course::COURSE;
use quorate_exercises::grade::{build, liars, rules, time};
use quorate_exercises::grading::Grading;
use quorate_exercises::{AnswerKind, Exercise};

/// Whether a rulebook with the bug, or the reference under it, fails the exercise, when graded like
/// a learner's answer.
fn is_killed(bug: &Bug, exercise: &Exercise) -> bool {
    let mut grading = Grading::verdict_only(1);
    let wrong = "the bug is of that protocol";
    let whole = exercise.kind == AnswerKind::Build;
    let tried = match bug.protocol {
        ProtocolId::Paxos | ProtocolId::MultiPaxos => {
            let rules = bugs::paxos::NamedRulebook::named(bug.id).expect(wrong);
            if whole {
                build::paxos(rules, exercise, &mut grading)
            } else {
                rules::paxos(rules, exercise, &mut grading)
            }
        }
        ProtocolId::Raft if whole && bugs::raft::NamedRulebook::named(bug.id).is_none() => {
            let rules = bugs::raft::careless::NamedRulebook::named(bug.id).expect(wrong);
            build::careless_raft(rules, exercise, &mut grading)
        }
        ProtocolId::Raft => {
            let rules = bugs::raft::NamedRulebook::named(bug.id).expect(wrong);
            if whole { build::raft(rules, exercise, &mut grading) } else { rules::raft(rules, exercise, &mut grading) }
        }
        ProtocolId::Lock | ProtocolId::Redlock => {
            let rules = bugs::locks::NamedRulebook::named(bug.id).expect(wrong);
            if whole {
                build::redlock(rules, exercise, &mut grading)
            } else {
                rules::locks(rules, exercise, &mut grading)
            }
        }
        ProtocolId::ZooKeeper | ProtocolId::Etcd | ProtocolId::Chubby => {
            rules::coordination(bugs::coordination::NamedRulebook::named(bug.id).expect(wrong), exercise, &mut grading)
        }
        ProtocolId::TwoPhase => {
            let rules = bugs::transactions::two_phase::NamedRulebook::named(bug.id).expect(wrong);
            if whole {
                build::two_phase(rules, exercise, &mut grading)
            } else {
                rules::two_phase(rules, exercise, &mut grading)
            }
        }
        ProtocolId::PaxosCommit => {
            let rules = bugs::transactions::paxos_commit::NamedRulebook::named(bug.id).expect(wrong);
            rules::paxos_commit(rules, exercise, &mut grading)
        }
        ProtocolId::Outbox => {
            let rules = bugs::transactions::outbox::NamedRulebook::named(bug.id).expect(wrong);
            rules::outbox(rules, exercise, &mut grading)
        }
        ProtocolId::Register => {
            let rules = bugs::replication::register::NamedRulebook::named(bug.id).expect(wrong);
            if whole {
                build::ap_register(rules, exercise, &mut grading)
            } else {
                rules::register(rules, exercise, &mut grading)
            }
        }
        ProtocolId::Generals => {
            let rules = bugs::byzantine::generals::NamedRulebook::named(bug.id).expect(wrong);
            liars::generals(rules, exercise, &mut grading)
        }
        ProtocolId::Broadcast => {
            let rules = bugs::byzantine::broadcast::NamedRulebook::named(bug.id).expect(wrong);
            liars::broadcast(rules, exercise, &mut grading)
        }
        ProtocolId::Pbft => {
            let rules = bugs::byzantine::pbft::NamedRulebook::named(bug.id).expect(wrong);
            liars::pbft(rules, exercise, &mut grading)
        }
        ProtocolId::Channel => {
            time::channel(bugs::channel::NamedRulebook::named(bug.id).expect(wrong), exercise, &mut grading)
        }
        ProtocolId::TrueTime => {
            time::true_time(bugs::time::true_time::NamedRulebook::named(bug.id).expect(wrong), exercise, &mut grading)
        }
        ProtocolId::Snowflake => {
            time::snowflake(bugs::time::snowflake::NamedRulebook::named(bug.id).expect(wrong), exercise, &mut grading)
        }
        _ => {
            let rules = bugs::lease::NamedRulebook::named(bug.id).expect(wrong);
            if whole {
                build::lease(rules, exercise, &mut grading)
            } else {
                rules::lease(rules, exercise, &mut grading)
            }
        }
    };
    tried.is_err()
}

/// Exercises that take a rulebook as the answer, or a machine that has one.
fn exercises() -> impl Iterator<Item = &'static Exercise> {
    COURSE.iter().filter(|exercise| matches!(exercise.kind, AnswerKind::Rule | AnswerKind::Build))
}

/// Whether some exercise is about the protocol.
fn is_taught(protocol: ProtocolId) -> bool {
    COURSE.iter().flat_map(|exercise| exercise.bugs).filter_map(|id| bugs::find(id)).any(|bug| bug.protocol == protocol)
}

/// Exercises that each bug fails.
fn kills() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut kills: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for exercise in exercises() {
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
    for exercise in exercises() {
        for bug in exercise.bugs.iter().filter_map(|id| bugs::find(id)) {
            if !kills.get(bug.id).is_some_and(|by| by.contains(&exercise.id)) {
                survived.push((bug.id, exercise.id));
            }
        }
    }
    assert!(survived.is_empty(), "these get through: {survived:?}");
    // Bugs that no learner's rulebook or machine can have are covered by attack and invariant
    // exercises.
    let is_met = |id: &str| COURSE.iter().any(|exercise| exercise.bugs.contains(&id));
    let spared: Vec<&str> =
        bugs::all().filter(|bug| is_taught(bug.protocol)).map(|bug| bug.id).filter(|id| !is_met(id)).collect();
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

/// The matrix in Markdown: one table per protocol, one row per bug.
fn table(kills: &BTreeMap<&str, Vec<&str>>) -> String {
    let mut text = "# The kill matrix\n\nWhich bugs of the zoo fail which exercises: each rulebook with a bug was handed in as an \
                    answer, for a machine together with the reference that it governs. Written by \
                    `UPDATE_KILLS=1 cargo test -p quorate-exercises`, and checked by every `cargo test`. Bugs \
                    without an exercise here have machines of their own, and are met in attacks and by watchers.\n"
        .to_owned();
    for protocol in ProtocolId::ALL.iter().filter(|protocol| is_taught(**protocol)) {
        let _ = write!(text, "\n## {protocol}\n\n| bug | fails |\n|---|---|\n");
        for bug in protocol.bugs() {
            let by = kills.get(bug.id).map_or_else(String::new, |by| by.join(", "));
            let _ = writeln!(text, "| {} | {by} |", bug.id);
        }
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
