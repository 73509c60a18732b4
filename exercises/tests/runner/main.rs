//! Isolation of the grader: misbehaving answers are detected, named and stopped. The programs are
//! in `tests/programs/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use quorate_exercises::asking::confine::Launcher;
use quorate_exercises::course::find;
use quorate_exercises::grading::{GradingOutcome, GradingVerdict, trace_beside};
use quorate_exercises::runner::{self, GradedAnswer};
use quorate_exercises::workspace::Workspace;
use tempfile::TempDir;

fn launcher() -> Launcher {
    Launcher::new(env!("CARGO_BIN_EXE_confined"), [""; 0])
}

/// An answer handed in: a folder with its program.
struct Handed {
    workspace: Workspace,
    program: PathBuf,
    #[expect(dead_code, reason = "the folder goes when this does")]
    folder: TempDir,
}

/// Sets up a folder with the program. Its file name is unique, so that its processes can be told
/// from all others.
fn hand_in(name: &str) -> Handed {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let workspace = Workspace::set_up(folder.path()).expect("it is writable");
    let root = fs::canonicalize(folder.path()).expect("it is there");
    let program = root.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    let built = match name {
        "forges-ahead" => env!("CARGO_BIN_EXE_forges-ahead"),
        "long" => env!("CARGO_BIN_EXE_long"),
        _ => env!("CARGO_BIN_EXE_hostile"),
    };
    fs::copy(built, &program).expect("cargo has built it");
    Handed { workspace, program, folder }
}

impl Handed {
    fn graded(&self, id: &str, time_limit: Duration) -> GradedAnswer {
        let exercise = find(id).expect("the course has it");
        let graded = runner::run(&self.workspace, exercise, &self.program, 5, time_limit, &launcher());
        let graded = graded.expect("it can be run");
        assert_eq!(graded.outcome.fresh, 5);
        assert_eq!(running(&self.program), 0, "{} outlives its grading", self.program.display());
        // The saved report must equal the outcome.
        let report = fs::read_to_string(self.workspace.report(exercise)).expect("it is saved");
        assert_eq!(
            serde_json::from_str::<GradingOutcome>(&report).expect("it is a report").points,
            graded.outcome.points
        );
        graded
    }
}

/// Grades a hostile program and asserts that it earns nothing.
fn graded_within(name: &str, time_limit: Duration) -> GradedAnswer {
    let graded = hand_in(name).graded("paxos-promise", time_limit);
    assert_eq!(graded.outcome.points, 0, "{:?}", graded.outcome);
    graded
}

fn graded(name: &str) -> GradingOutcome {
    graded_within(name, PATIENCE).outcome
}

/// Longer than any of these tests takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A question is answered in time, and so is each case: but there is no end of them.
#[test]
fn all_cases_together_have_a_limit_of_their_own_where_the_grader_sets_one() {
    let handed = hand_in("slow");
    let Handed { workspace, program, .. } = &handed;
    let exercise = find("paxos-promise").expect("the course has it");
    let launcher = launcher().within(Duration::from_secs(2));
    let graded = runner::run(workspace, exercise, program, 5, PATIENCE, &launcher).expect("it can be run");
    let GradingVerdict::Lost { message, .. } = &graded.outcome.verdict else { panic!("{:?}", graded.outcome) };
    assert!(message.contains("all cases together took longer than 2 s"), "{message}");
    assert_eq!(running(program), 0);
}

/// Number of processes that run a program.
fn running(program: &Path) -> usize {
    let Ok(processes) = fs::read_dir("/proc") else { return 0 };
    let runs = |process: &fs::DirEntry| fs::read_link(process.path().join("exe")).is_ok_and(|exe| exe == program);
    processes.flatten().filter(runs).count()
}

fn panicked(name: &str) -> String {
    match graded(name).verdict {
        GradingVerdict::Panicked { message, .. } => message,
        other => panic!("{name}: {other:?}"),
    }
}

/// The control for all tests below: a correct answer, handed in the same way, earns all points.
#[test]
fn a_right_answer_earns_its_points() {
    let graded = hand_in("right").graded("paxos-promise", PATIENCE);
    let points = find("paxos-promise").expect("the course has it").points;
    assert_eq!((graded.outcome.verdict, graded.outcome.points), (GradingVerdict::Passed, points));
}

/// A program file that has just been written may be open for writing a moment longer, in a process
/// that was started meanwhile. Systems other than Linux run such a file all the same.
#[test]
fn a_program_file_that_is_busy_is_waited_for() {
    let handed = hand_in("right");
    let writer = fs::OpenOptions::new().append(true).open(&handed.program).expect("it is ours");
    let outcome = thread::scope(|scope| {
        scope.spawn(move || {
            thread::sleep(Duration::from_millis(300));
            drop(writer);
        });
        handed.graded("paxos-promise", PATIENCE).outcome
    });
    assert_eq!(outcome.verdict, GradingVerdict::Passed);
}

#[test]
fn a_loop_without_an_end_is_stopped_in_the_case_that_it_never_left() {
    let verdict = graded_within("endless", Duration::from_secs(3)).outcome.verdict;
    let GradingVerdict::Endless { case, seconds: 3 } = &verdict else { panic!("it was not noticed: {verdict:?}") };
    assert_eq!(case, "paxos, without faults");
}

#[test]
fn a_hoard_without_an_end_is_stopped_before_the_machine_has_no_memory_left() {
    let verdict = graded("greedy").verdict;
    assert!(matches!(verdict, GradingVerdict::Greedy { megabytes: 1024, .. }), "{verdict:?}");
}

#[test]
fn a_panic_is_reported_with_its_place() {
    let GradingVerdict::Panicked { case, message } = graded("panics").verdict else { panic!("it was not noticed") };
    assert_eq!(case, "paxos, without faults");
    assert!(message.contains("what is 1?") && message.contains("hostile.rs:"), "{message}");
}

#[test]
fn endless_recursion_is_reported() {
    let GradingVerdict::Lost { message, .. } = graded("deep").verdict else { panic!("it was not noticed") };
    assert!(message.contains("endless recursion"), "{message}");
}

#[test]
fn an_answer_that_ends_the_process_earns_nothing() {
    let outcome = graded("quits");
    assert!(matches!(outcome.verdict, GradingVerdict::Lost { .. }), "{outcome:?}");
}

#[test]
fn an_answer_without_progress_breaks_nothing_but_fails() {
    let handed = hand_in("refuses");
    let outcome = handed.graded("paxos-promise", PATIENCE).outcome;
    let GradingVerdict::Failed(broke) = outcome.verdict else { panic!("it was not noticed") };
    assert_eq!((broke.what.as_str(), broke.case.as_str(), outcome.points), ("Progress", "paxos, without faults", 0));
    let report = handed.workspace.report(find("paxos-promise").expect("the course has it"));
    assert!(trace_beside(&report).exists(), "there is no picture of it");
}

/// Asserts that no forged output is believed: it earns nothing, and none of its own cases has
/// passed.
fn is_not_believed(GradedAnswer { outcome, .. }: &GradedAnswer) {
    assert_eq!(outcome.points, 0, "{outcome:?}");
    assert!(!outcome.is_passed() && !outcome.passed.iter().any(|case| case.contains("all of it")), "{outcome:?}");
}

#[test]
fn a_forged_report_in_the_place_of_an_answer_earns_nothing() {
    let graded = graded_within("forges", PATIENCE);
    is_not_believed(&graded);
    let GradingVerdict::Lost { message, .. } = &graded.outcome.verdict else { panic!("{:?}", graded.outcome) };
    assert!(message.contains("which answers no question"), "{message}");
    assert_eq!(graded.outcome.passed, [""; 0]);
    assert!(graded.printed.text.contains("Solved: 999 of 10 points"), "{:?}", graded.printed);
}

#[test]
fn answers_to_questions_that_were_never_read_are_wrong_answers() {
    let graded = graded_within("forges-ahead", PATIENCE);
    is_not_believed(&graded);
    assert!(
        matches!(graded.outcome.verdict, GradingVerdict::Failed(_) | GradingVerdict::Lost { .. }),
        "{:?}",
        graded.outcome
    );
}

#[test]
fn an_answer_that_is_right_for_small_numbers_alone_fails() {
    for name in ["up-to-a-hundred", "up-to-a-million"] {
        let GradingVerdict::Failed(broke) = graded(name).verdict else { panic!("{name} was not noticed") };
        assert_eq!((broke.what.as_str(), broke.case.as_str()), ("Decision", "the decisions one by one"), "{name}");
    }
}

#[test]
fn an_answer_that_prints_without_an_end_is_stopped_soon() {
    let GradingVerdict::Lost { message, .. } = graded("prints").verdict else { panic!("it was not noticed") };
    assert!(message.contains("printed more than 2 MB"), "{message}");
}

#[test]
fn an_answer_that_keeps_saying_something_else_is_stopped() {
    for name in ["drips", "whispers"] {
        let verdict = graded_within(name, Duration::from_secs(1)).outcome.verdict;
        assert!(matches!(verdict, GradingVerdict::Endless { seconds: 1, .. }), "{name}: {verdict:?}");
    }
}

#[test]
fn a_step_that_says_more_than_anybody_can_take_is_stopped() {
    let outcome = hand_in("long").graded("build-paxos", PATIENCE).outcome;
    assert_eq!(outcome.points, 0);
    let GradingVerdict::Lost { message, .. } = outcome.verdict else { panic!("it was not noticed") };
    assert!(message.contains("more than 4194304 bytes"), "{message}");
}

#[test]
fn a_process_of_an_answers_own_neither_outlives_nor_holds_the_grader() {
    let GradingVerdict::Lost { message, .. } = graded("breeds").verdict else { panic!("the grader was held") };
    assert!(message.starts_with("exit status: 3"), "{message}");
}

#[test]
fn what_an_answer_prints_is_kept_apart_from_what_it_answers() {
    let graded = graded_within("boasts", PATIENCE);
    assert!(matches!(graded.outcome.verdict, GradingVerdict::Failed(_)), "{:?}", graded.outcome);
    assert!(graded.printed.text.starts_with("Solved: 10 points. Seed of"), "{:?}", graded.printed);
    // The incomplete line is terminated by the next output, and both streams are captured in the
    // same way.
    assert!(graded.printed.text.contains("Solved: 10 points.\u{1b}[2J"), "{:?}", graded.printed);
}

#[test]
fn an_answer_for_another_exercise_is_none_for_this_one() {
    let outcome = hand_in("right").graded("paxos-accept", PATIENCE).outcome;
    assert_eq!(outcome.points, 0);
    let GradingVerdict::Lost { message, .. } = outcome.verdict else { panic!("it was not noticed") };
    assert!(message.contains("the answer to paxos-promise, not to paxos-accept"), "{message}");
}

/// Tests that depend on features of the operating system. They cover Linux, where the tests of the
/// project run.
#[cfg(target_os = "linux")]
mod contained {
    use std::process::{Command, Stdio};
    use std::time::Instant;

    use super::*;

    #[test]
    fn files_network_and_environment_are_out_of_reach() {
        let handed = hand_in("spies");
        let before = fs::read(handed.workspace.root().join("Cargo.toml")).expect("the grader reaches it");
        let graded = handed.graded("paxos-promise", PATIENCE);
        let GradingVerdict::Panicked { message, .. } = &graded.outcome.verdict else { panic!("{:?}", graded.outcome) };
        assert!(message.contains("it reached []"), "{message}");
        assert_eq!((graded.outcome.points, graded.gaps), (0, None));
        assert_eq!(fs::read(handed.workspace.root().join("Cargo.toml")).expect("it is still there"), before);
        assert!(!handed.workspace.root().join("was-here").exists());
    }

    #[test]
    fn four_thousand_threads_are_not_started() {
        let message = panicked("threads");
        assert!(message.contains(": 0 threads were started"), "{message}");
    }

    #[test]
    fn no_process_is_started() {
        let printed = graded_within("breeds", PATIENCE).printed.text;
        assert!(printed.contains(": 0 processes were started"), "{printed}");
    }

    /// Environment variable with the program that the test below hands in to the grader that it
    /// kills.
    const PROGRAM: &str = "QUORATE_TESTS_PROGRAM";

    #[test]
    #[ignore = "it is the grader that the test below kills"]
    fn a_grader_to_be_killed() {
        if let Some(program) = std::env::var_os(PROGRAM).map(PathBuf::from) {
            let workspace = Workspace::set_up(program.parent().expect("it lies in a folder")).expect("it is writable");
            let exercise = find("paxos-promise").expect("the course has it");
            let graded = runner::run(&workspace, exercise, &program, 5, PATIENCE * 10, &launcher());
            panic!("nobody has killed the grader: {graded:?}");
        }
    }

    #[test]
    fn an_answer_does_not_outlive_a_grader_that_is_killed() {
        let handed = hand_in("endless");
        let until = |count: usize, what: &str| {
            let began = Instant::now();
            while running(&handed.program) != count {
                assert!(began.elapsed() < PATIENCE, "{what}");
                std::thread::sleep(Duration::from_millis(5));
            }
        };
        let mut grader = Command::new(std::env::current_exe().expect("a test has a path"))
            .args(["--exact", "contained::a_grader_to_be_killed", "--ignored"])
            .env(PROGRAM, &handed.program)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        until(1, "the answer never started");
        grader.kill().expect("it is there");
        grader.wait().expect("it ends");
        until(0, "the answer outlives its grader");
    }
}
