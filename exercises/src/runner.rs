//! Grading pipeline: builds an answer, runs it in a process of its own, and reports the result.

mod building;

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::answer::grade;
use crate::asking::confine::Launcher;
use crate::asking::{Asked, Link, Printed, Termination};
use crate::course::{AnswerKind, Exercise};
use crate::grade::attack::attack;
use crate::grading::{Grading, GradingOutcome, GradingVerdict};
use crate::workspace::Workspace;

/// Completed grading.
#[derive(Clone, PartialEq, Debug)]
pub struct GradedAnswer {
    /// Result.
    pub outcome: GradingOutcome,
    /// Output printed by the answer itself.
    pub printed: Printed,
    /// Restrictions that this system cannot enforce, in a sentence; `None` if all are in force.
    pub gaps: Option<String>,
}

impl GradedAnswer {
    fn unprinted(outcome: GradingOutcome) -> Self {
        GradedAnswer { outcome, printed: Printed::default(), gaps: None }
    }
}

/// Grades the learner's file of an exercise, with fresh cases drawn from this seed. Answers that
/// are programs are started by that launcher.
///
/// # Errors
/// A sentence, if there is no compiler, or a file of the learner's folder cannot be read or
/// written. A wrong answer is a result, not an error.
pub fn grade_file(
    workspace: &Workspace,
    exercise: &'static Exercise,
    fresh: u64,
    launcher: &Launcher,
) -> Result<GradedAnswer, String> {
    if exercise.kind == AnswerKind::Attack {
        return play(workspace, exercise, fresh).map(GradedAnswer::unprinted);
    }
    match building::build(workspace, exercise, launcher.time_limit())? {
        Err(message) => {
            let message = match without_hand_in(workspace, exercise) {
                // The compiler only misses the `main` that `hand_in!` writes.
                Some(missing) if message.contains(NO_MAIN) && message.matches("error[").count() == 1 => missing,
                Some(missing) => format!("{missing}\n\n{message}"),
                None => message,
            };
            let grading = Grading::new(fresh);
            let verdict = GradingVerdict::Unreadable { message };
            let outcome = GradingOutcome { verdict, points: 0, ..grading.outcome(exercise) };
            save(&grading, &outcome, workspace, exercise)?;
            Ok(GradedAnswer::unprinted(outcome))
        }
        Ok(built) => {
            let time_limit = Duration::from_secs(exercise.kind.seconds_max());
            run(workspace, exercise, built.program(), fresh, time_limit, launcher)
        }
    }
}

/// Error code of the compiler for a program without `main`.
const NO_MAIN: &str = "E0601";

/// Says that a file hands in nothing, and how it would.
fn without_hand_in(workspace: &Workspace, exercise: &Exercise) -> Option<String> {
    let text = fs::read_to_string(workspace.file(exercise)).ok()?;
    if text.lines().any(|line| line.contains(HAND_IN) && !line.trim_start().starts_with("//")) {
        return None;
    }
    let start = exercise.skeleton.rfind(HAND_IN)?;
    let line = exercise.skeleton[start..].split_whitespace().collect::<Vec<_>>().join(" ");
    Some(format!("{} has no `{HAND_IN}`, so it hands in nothing; end it with this line: {line}", exercise.file()))
}

/// Macro that makes a file an answer.
const HAND_IN: &str = "hand_in!";

/// Runs a schedule in this process: it is not a program, and can do only what the scenario language
/// allows.
fn play(workspace: &Workspace, exercise: &'static Exercise, fresh: u64) -> Result<GradingOutcome, String> {
    let file = workspace.file(exercise);
    let mut grading = Grading::new(fresh);
    let outcome = match read(&file, workspace.root()) {
        Ok(text) => attack(exercise, &text, &mut grading),
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
            let verdict = GradingVerdict::Unreadable { message: format!("{}: {error}", exercise.file()) };
            GradingOutcome { verdict, points: 0, ..grading.outcome(exercise) }
        }
        Err(error) => return Err(format!("{}: {error}", file.display())),
    };
    save(&grading, &outcome, workspace, exercise)?;
    Ok(outcome)
}

/// Reads a file, which must be in this folder and not a link out of it: parse errors quote its
/// content.
fn read(file: &Path, root: &Path) -> io::Result<String> {
    let real = fs::canonicalize(file)?;
    if !real.starts_with(fs::canonicalize(root)?) || !real.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file of the folder"));
    }
    String::from_utf8(fs::read(real)?).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// Runs the cases against a built answer, and records the result. `patience` is the time limit of a
/// question.
///
/// # Errors
/// A sentence, if the program cannot be started, or a file of the learner's folder cannot be read
/// or written.
pub fn run(
    workspace: &Workspace,
    exercise: &'static Exercise,
    program: &Path,
    fresh: u64,
    time_limit: Duration,
    launcher: &Launcher,
) -> Result<GradedAnswer, String> {
    let program = std::path::absolute(program).map_err(|error| error.to_string())?;
    let mut grading = Grading::new(fresh);
    let stopped = |grading: &Grading, stop: Termination| {
        let verdict = stop.verdict(grading.under_way(), time_limit);
        GradingOutcome { verdict, points: 0, ..grading.outcome(exercise) }
    };
    let (mut outcome, printed, gaps) = match Link::start(launcher, &program, exercise, time_limit)? {
        Err(stop) => (stopped(&grading, stop), Printed::default(), None),
        Ok(link) => {
            let tried = grade(exercise, &Asked(link.clone()), &mut grading);
            let outcome = link.stop().map_or(tried, |stop| stopped(&grading, stop));
            (outcome, link.printed(), link.confined().gaps())
        }
    };
    if let GradingVerdict::Lost { message, .. } = &mut outcome.verdict
        && let Some(missing) = without_hand_in(workspace, exercise)
    {
        message.push_str("; ");
        message.push_str(&missing);
    }
    save(&grading, &outcome, workspace, exercise)?;
    Ok(GradedAnswer { outcome, printed, gaps })
}

fn save(grading: &Grading, outcome: &GradingOutcome, workspace: &Workspace, exercise: &Exercise) -> Result<(), String> {
    let report = workspace.report(exercise);
    grading.save(outcome, &report).map_err(|error| format!("{}: {error}", report.display()))
}
