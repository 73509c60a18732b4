//! Grading of one answer in a process of its own: `quorate learn grade` with a time limit. Whatever
//! happens there, the others go on.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use quorate::exercises::grading::{GradingOutcome, GradingVerdict};
use quorate::exercises::submission::Unpacked;
use quorate::exercises::{AnswerKind, Exercise, Language};
use quorate::lab::script::shown;

use crate::cli::failure::Failure;
use crate::cli::interrupt::Interrupt;
use crate::cli::learn::results;

/// Time for what is not the answer's: waiting for other builds, and the first build of what all
/// answers depend on.
const WAITING_MAX: Duration = Duration::from_secs(3_600);
/// Interval between two looks at the process.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// Size of a grader's output that is kept, in bytes.
const SAID_BYTES_MAX: u64 = 1 << 20;

/// Setting of all gradings of a class.
pub(super) struct Grader<'a> {
    pub(super) program: PathBuf,
    pub(super) language: Language,
    pub(super) seed: u64,
    pub(super) time_limit: Duration,
    pub(super) interrupt: &'a Interrupt,
}

/// Result of a grading.
pub(super) struct Graded {
    /// The outcome, or why there is none.
    pub(super) outcome: Result<GradingOutcome, String>,
    /// Text of the report.
    pub(super) said: String,
    /// Notes for the teacher, such as missing restrictions.
    pub(super) notes: Vec<String>,
}

impl Grader<'_> {
    /// Grades a skeleton, and so builds what all answers depend on: no student's time is spent on
    /// it, and what is missing on this machine is noticed before the first of them.
    pub(super) fn prepare(&self, exercises: &[&Exercise]) -> Result<(), Failure> {
        let Some(exercise) = exercises.iter().find(|exercise| exercise.kind != AnswerKind::Attack) else {
            return Ok(());
        };
        let patient = Grader { time_limit: WAITING_MAX, program: self.program.clone(), ..*self };
        let why = match patient.grade(&Unpacked::empty().map_err(Failure::unusable)?, exercise)?.outcome {
            Ok(outcome) if outcome.verdict == GradingVerdict::Unfinished => return Ok(()),
            _ if self.interrupt.signal().is_some() => return Ok(()),
            Ok(outcome) => results::message(&outcome),
            Err(why) => why,
        };
        Err(Failure::unusable(format_args!("answers cannot be graded here, not even an unfinished one: {why}")))
    }

    /// Grades a student's answer to an exercise.
    pub(super) fn grade(&self, unpacked: &Unpacked, exercise: &Exercise) -> Result<Graded, Failure> {
        let folder = unpacked.workspace.failures();
        let unusable = |error: io::Error| Failure::unusable(format_args!("{}: {error}", folder.display()));
        let (said, notes) = (folder.join("said"), folder.join("notes"));
        let mut child = self.start(unpacked, exercise, &said, &notes).map_err(unusable)?;
        let status = self.wait(&mut child, exercise).map_err(unusable)?;
        let notes = unwrapped(&read(&notes).map_err(unusable)?);
        let report = unpacked.workspace.report(exercise);
        let outcome = match status.map(|status| status.code()) {
            Some(Some(0 | 1)) => self.outcome(&report, exercise, status.is_some_and(|status| status.success())),
            Some(_) => {
                let last = notes.iter().rev().find_map(|note| note.strip_prefix("error: "));
                Err(shown(last.unwrap_or("the grader has crashed")))
            }
            None => Err("the grader did not end in time, and was stopped".to_owned()),
        };
        let notes = notes.iter().filter_map(|note| note.strip_prefix("note: ")).map(str::to_owned).collect();
        Ok(Graded { outcome, said: read(&said).map_err(unusable)?, notes })
    }

    fn start(&self, unpacked: &Unpacked, exercise: &Exercise, said: &Path, notes: &Path) -> io::Result<Child> {
        Command::new(&self.program)
            .args(["learn", "--lang", self.language.code(), "--dir"])
            .arg(unpacked.path())
            .args(["grade", exercise.id, "--seed", &self.seed.to_string(), "--for-report"])
            .arg(self.time_limit.as_secs().to_string())
            .env("COLUMNS", "100")
            .stdin(Stdio::null())
            .stdout(File::create(said)?)
            .stderr(File::create(notes)?)
            .spawn()
    }

    /// Waits for a grader. `None` if it was stopped: its own limits should have ended it before.
    fn wait(&self, child: &mut Child, exercise: &Exercise) -> io::Result<Option<ExitStatus>> {
        // A schedule is not built, and is played by the grader itself.
        let limit = match exercise.kind {
            AnswerKind::Attack => self.time_limit,
            _ => self.time_limit * 2 + WAITING_MAX,
        };
        let until = Instant::now() + limit;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() > until || self.interrupt.signal().is_some() {
                // It may have ended by itself meanwhile.
                let _ = child.kill();
                child.wait()?;
                return Ok(None);
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Reads the outcome that a grader saved, which must fit its exit status.
    fn outcome(&self, report: &Path, exercise: &Exercise, success: bool) -> Result<GradingOutcome, String> {
        let text = fs::read(report).map_err(|error| format!("the grader saved no outcome: {error}"))?;
        let outcome: GradingOutcome =
            serde_json::from_slice(&text).map_err(|error| format!("the grader's outcome cannot be read: {error}"))?;
        let fits = outcome.exercise == exercise.id && outcome.fresh == self.seed && outcome.is_passed() == success;
        let in_bounds = outcome.points <= exercise.points;
        if fits && in_bounds { Ok(outcome) } else { Err("the grader's outcome is not that of this grading".to_owned()) }
    }
}

/// Notes and errors of a grader, each in one line again.
fn unwrapped(text: &str) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for line in text.lines() {
        match notes.last_mut() {
            Some(note) if line.starts_with(' ') => note.extend([" ", line.trim()]),
            _ => notes.push(line.to_owned()),
        }
    }
    notes
}

/// Reads what a grader wrote, up to a limit.
fn read(path: &Path) -> io::Result<String> {
    let mut text = Vec::new();
    File::open(path)?.take(SAID_BYTES_MAX).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
