//! Answers that misbehave are caught, named and stopped; the programs are the examples of this package.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use quorate_exercises::asking::confine::Launcher;
use quorate_exercises::course::find;
use quorate_exercises::desk::Desk;
use quorate_exercises::exam::{Outcome, Verdict, trace_beside};
use quorate_exercises::marking::{self, Marked};

/// The program of an example, which cargo builds before the tests.
fn program(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("a test has a path");
    let profile = tests.parent().and_then(|deps| deps.parent()).expect("it lies in target/debug/deps");
    profile.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

fn launcher() -> Launcher {
    Launcher::new(env!("CARGO_BIN_EXE_confined"), [""; 0])
}

/// Has a program graded. Returns what came of it, and whether there is a trace of the failure.
fn graded(name: &str) -> (Outcome, bool) {
    // Longer than any of these takes on a busy machine.
    let (marked, traced) = graded_as("paxos-promise", name, Duration::from_secs(60));
    (marked.outcome, traced)
}

fn graded_within(name: &str, patience: Duration) -> Outcome {
    graded_as("paxos-promise", name, patience).0.outcome
}

fn graded_as(id: &str, name: &str, patience: Duration) -> (Marked, bool) {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let desk = Desk::set_up(folder.path()).expect("it is writable");
    let exercise = find(id).expect("the course has it");
    // A copy of its own, so that its processes can be told from all others.
    let own = folder.path().join(name);
    fs::copy(program(name), &own).expect("cargo has built it");
    let marked = marking::run(&desk, exercise, &own, 5, patience, &launcher()).expect("it can be run");
    assert_eq!((marked.outcome.points, marked.outcome.fresh), (0, 5));
    assert_eq!(running(&own), 0, "{name} outlives its grading");
    (marked, trace_beside(&desk.report(exercise)).exists())
}

/// How many processes run a program.
fn running(program: &Path) -> usize {
    let Ok(processes) = fs::read_dir("/proc") else { return 0 };
    let runs = |process: &fs::DirEntry| fs::read_link(process.path().join("exe")).is_ok_and(|exe| exe == program);
    processes.flatten().filter(runs).count()
}

fn panicked(name: &str) -> String {
    match graded(name).0.verdict {
        Verdict::Panicked { message, .. } => message,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn a_loop_without_an_end_is_stopped_in_the_case_that_it_never_left() {
    let Verdict::Endless { case, seconds: 3 } = graded_within("endless", Duration::from_secs(3)).verdict else {
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

#[test]
fn a_forged_report_earns_nothing() {
    // What it says to questions that it never read counts as answers, and these are wrong.
    let (outcome, _) = graded("forges");
    assert!(matches!(outcome.verdict, Verdict::Failed(_) | Verdict::Lost { .. }), "{outcome:?}");
}

#[test]
fn an_answer_that_is_right_for_small_numbers_alone_fails() {
    let Verdict::Failed(broke) = graded("limited").0.verdict else { panic!("it was not noticed") };
    assert_eq!((broke.what.as_str(), broke.case.as_str()), ("Decision", "the decisions by themselves"));
}

#[test]
fn an_answer_that_prints_without_an_end_is_stopped_soon() {
    let began = Instant::now();
    let Verdict::Lost { message, .. } = graded("prints").0.verdict else { panic!("it was not noticed") };
    assert!(message.contains("printed more than 2 MB"), "{message}");
    assert!(began.elapsed() < Duration::from_secs(50), "{:?}", began.elapsed());
}

#[test]
fn an_answer_that_keeps_saying_something_else_is_stopped() {
    let Verdict::Endless { seconds: 2, .. } = graded_within("drips", Duration::from_secs(2)).verdict else {
        panic!("it was not noticed")
    };
}

#[test]
fn a_step_that_says_more_than_anybody_can_take_is_stopped() {
    let (marked, _) = graded_as("build-paxos", "long", Duration::from_secs(60));
    let Verdict::Lost { message, .. } = marked.outcome.verdict else { panic!("it was not noticed") };
    assert!(message.contains("more than 4194304 bytes"), "{message}");
}

#[test]
fn a_process_of_an_answers_own_neither_outlives_nor_holds_the_grader() {
    let began = Instant::now();
    let (outcome, _) = graded("breeds");
    assert!(matches!(outcome.verdict, Verdict::Lost { .. }), "{outcome:?}");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn what_an_answer_prints_is_kept_apart_from_what_it_answers() {
    let (marked, _) = graded_as("paxos-promise", "boasts", Duration::from_secs(60));
    assert!(matches!(marked.outcome.verdict, Verdict::Failed(_)), "{:?}", marked.outcome);
    assert!(marked.printed.text.starts_with("Solved: 10 points. Fresh cases"), "{:?}", marked.printed);
    // The half line is ended by what comes after it, and both streams go the same way.
    assert!(marked.printed.text.contains("Solved: 10 points.\u{1b}[2J"), "{:?}", marked.printed);
}

#[test]
fn an_answer_for_another_exercise_is_none_for_this_one() {
    let (marked, _) = graded_as("paxos-accept", "refuses", Duration::from_secs(60));
    let Verdict::Lost { message, .. } = marked.outcome.verdict else { panic!("it was not noticed") };
    assert!(message.contains("hands in paxos-promise, and not paxos-accept"), "{message}");
}

/// Everything below depends on what the system can do: on this one, where the tests of the project run, all of it.
#[cfg(target_os = "linux")]
mod contained {
    use super::*;

    #[test]
    fn files_network_and_environment_are_out_of_reach() {
        let message = panicked("spies");
        assert!(message.contains("it reached []"), "{message}");
        assert_eq!(graded_as("paxos-promise", "spies", Duration::from_secs(60)).0.gaps, None);
        assert!(!Path::new("/tmp/quorate-answer-was-here").exists());
    }

    #[test]
    fn four_thousand_threads_are_not_started() {
        let message = panicked("threads");
        assert!(message.contains(": 0 threads were started"), "{message}");
    }

    #[test]
    fn no_process_is_started() {
        let printed = graded_as("paxos-promise", "breeds", Duration::from_secs(60)).0.printed.text;
        assert!(printed.contains(": 0 processes were started"), "{printed}");
    }
}
