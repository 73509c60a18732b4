//! Answers that misbehave are caught, named and stopped; the programs are the examples of this package.

use std::path::PathBuf;
use std::time::Duration;

use quorate_exercises::course::find;
use quorate_exercises::desk::Desk;
use quorate_exercises::exam::{Outcome, Verdict, trace_beside};
use quorate_exercises::marking;

/// The program of an example, which cargo builds before the tests.
fn program(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("a test has a path");
    let profile = tests.parent().and_then(|deps| deps.parent()).expect("it lies in target/debug/deps");
    profile.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

/// Has a program graded. Returns what came of it, and whether there is a trace of the failure.
fn graded(name: &str) -> (Outcome, bool) {
    // Longer than any of these takes on a busy machine.
    graded_within(name, Duration::from_secs(60))
}

fn graded_within(name: &str, patience: Duration) -> (Outcome, bool) {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let desk = Desk::set_up(folder.path()).expect("it is writable");
    let exercise = find("paxos-promise").expect("the course has it");
    let outcome = marking::run(&desk, exercise, &program(name), 5, patience).expect("it can be run");
    assert_eq!((outcome.points, outcome.fresh), (0, 5));
    (outcome, trace_beside(&desk.report(exercise)).exists())
}

#[test]
fn a_loop_without_an_end_is_stopped_in_the_case_that_it_never_left() {
    let Verdict::Endless { case, seconds: 3 } = graded_within("endless", Duration::from_secs(3)).0.verdict else {
        panic!("it was not noticed")
    };
    assert_eq!(case, "paxos, where nothing goes wrong");
}

#[test]
fn a_hoard_without_an_end_is_stopped_before_the_machine_has_no_memory_left() {
    let verdict = graded("greedy").0.verdict;
    assert!(matches!(verdict, Verdict::Greedy { megabytes: 1024, .. }), "{verdict:?}");
}

#[test]
fn a_panic_is_told_with_its_place() {
    let Verdict::Panicked { case, message } = graded("panics").0.verdict else { panic!("it was not noticed") };
    assert_eq!(case, "paxos, where nothing goes wrong");
    assert!(message.contains("what is 1?") && message.contains("panics.rs:"), "{message}");
}

#[test]
fn a_call_of_itself_for_ever_is_told() {
    let Verdict::Lost { message, .. } = graded("deep").0.verdict else { panic!("it was not noticed") };
    assert!(message.contains("calls itself"), "{message}");
}

#[test]
fn an_answer_that_ends_the_process_earns_nothing() {
    let (outcome, _) = graded("quits");
    assert!(matches!(outcome.verdict, Verdict::Lost { .. }), "{outcome:?}");
}

#[test]
fn an_answer_that_gets_nowhere_breaks_nothing_and_fails_all_the_same() {
    let (outcome, traced) = graded("refuses");
    let Verdict::Failed(broke) = outcome.verdict else { panic!("it was not noticed") };
    assert_eq!((broke.what.as_str(), broke.case.as_str()), ("Progress", "paxos, where nothing goes wrong"));
    assert!(traced, "there is no picture of it");
}
