//! Marking: an answer is built, asked in a process of its own, and what came of it is said.

mod building;

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::answer::sit;
use crate::asking::confine::Launcher;
use crate::asking::{Asked, Link, Printed, Stop};
use crate::course::{Exercise, Kind};
use crate::desk::Desk;
use crate::exam::{Exam, Outcome, Verdict};
use crate::grade::attack::attack;

/// A grading that is over.
#[derive(Clone, PartialEq, Debug)]
pub struct Marked {
    /// What came of it.
    pub outcome: Outcome,
    /// What the answer has printed: its own words, and none of the grader's.
    pub printed: Printed,
    /// What this system cannot keep an answer from, in a sentence; nothing if all is contained.
    pub gaps: Option<String>,
}

impl Marked {
    fn unprinted(outcome: Outcome) -> Self {
        Marked { outcome, printed: Printed::default(), gaps: None }
    }
}

/// Grades what the learner wrote for an exercise, with fresh cases drawn from this seed. Answers that are programs are started by that
/// launcher.
///
/// # Errors
/// A sentence, if there is no compiler, or a file of the learner's folder cannot be read or written. That an answer is wrong is an
/// outcome and no error.
pub fn mark(desk: &Desk, exercise: &'static Exercise, fresh: u64, launcher: &Launcher) -> Result<Marked, String> {
    if exercise.kind == Kind::Attack {
        return play(desk, exercise, fresh).map(Marked::unprinted);
    }
    match building::build(desk, exercise)? {
        Err(message) => {
            let exam = Exam::new(fresh);
            let verdict = Verdict::Unreadable { message };
            let outcome = Outcome { verdict, points: 0, ..exam.outcome(exercise) };
            save(&exam, &outcome, desk, exercise)?;
            Ok(Marked::unprinted(outcome))
        }
        Ok(built) => {
            let patience = Duration::from_secs(exercise.kind.seconds_max());
            run(desk, exercise, built.program(), fresh, patience, launcher)
        }
    }
}

/// Plays a schedule, which is no program, and can do nothing but what the language of scenarios allows.
fn play(desk: &Desk, exercise: &'static Exercise, fresh: u64) -> Result<Outcome, String> {
    let file = desk.file(exercise);
    let mut exam = Exam::new(fresh);
    let outcome = match read(&file, desk.root()) {
        Ok(text) => attack(exercise, &text, &mut exam),
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => {
            let verdict = Verdict::Unreadable { message: format!("{}: {error}", exercise.file()) };
            Outcome { verdict, points: 0, ..exam.outcome(exercise) }
        }
        Err(error) => return Err(format!("{}: {error}", file.display())),
    };
    save(&exam, &outcome, desk, exercise)?;
    Ok(outcome)
}

/// Reads a file that is in this folder, and not only linked from there: what is wrong with it is quoted.
fn read(file: &Path, root: &Path) -> io::Result<String> {
    let real = fs::canonicalize(file)?;
    if !real.starts_with(fs::canonicalize(root)?) || !real.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file of the folder, but something else"));
    }
    String::from_utf8(fs::read(real)?).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no text"))
}

/// Asks a built answer, and finds out what becomes of it. No question may take longer than there is `patience` for it.
///
/// # Errors
/// A sentence, if the program cannot be started, or a file of the learner's folder cannot be read or written.
pub fn run(
    desk: &Desk,
    exercise: &'static Exercise,
    program: &Path,
    fresh: u64,
    patience: Duration,
    launcher: &Launcher,
) -> Result<Marked, String> {
    let program = std::path::absolute(program).map_err(|error| error.to_string())?;
    let mut exam = Exam::new(fresh);
    let stopped = |exam: &Exam, stop: Stop| {
        let verdict = stop.verdict(exam.under_way(), patience);
        Outcome { verdict, points: 0, ..exam.outcome(exercise) }
    };
    let (outcome, printed, gaps) = match Link::start(launcher, &program, exercise, patience)? {
        Err(stop) => (stopped(&exam, stop), Printed::default(), None),
        Ok(link) => {
            let tried = sit(exercise, &Asked(link.clone()), &mut exam);
            let outcome = link.stop().map_or(tried, |stop| stopped(&exam, stop));
            (outcome, link.printed(), link.confined().gaps())
        }
    };
    save(&exam, &outcome, desk, exercise)?;
    Ok(Marked { outcome, printed, gaps })
}

fn save(exam: &Exam, outcome: &Outcome, desk: &Desk, exercise: &Exercise) -> Result<(), String> {
    let report = desk.report(exercise);
    exam.save(outcome, &report).map_err(|error| format!("{}: {error}", report.display()))
}
