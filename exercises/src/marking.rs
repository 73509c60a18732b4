//! Marking: an answer is built, run in a process of its own, watched, and stopped if it does not come back.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::answer::MEMORY_BYTES_MAX;
use crate::course::{Exercise, Kind};
use crate::desk::{Desk, workspace};
use crate::exam::{Exam, Line, Outcome, Verdict, trace_beside};
use crate::grade::attack::attack;

/// Grades what the learner wrote for an exercise, with fresh cases drawn from this seed.
///
/// # Errors
/// A sentence, if there is no compiler, or a file of the learner's folder cannot be read or written. That an answer is wrong is an
/// outcome and no error.
pub fn mark(desk: &Desk, exercise: &'static Exercise, fresh: u64) -> Result<Outcome, String> {
    let outcome = |verdict| Outcome { exercise: exercise.id.to_owned(), fresh, passed: Vec::new(), points: 0, verdict };
    if exercise.kind == Kind::Attack {
        return play(desk, exercise, fresh);
    }
    match build(desk, exercise)? {
        Err(message) => Ok(outcome(Verdict::Unreadable { message })),
        Ok(program) => run(desk, exercise, &program, fresh, Duration::from_secs(exercise.kind.seconds_max())),
    }
}

/// Plays a schedule, which is no program, and can do nothing but what the language of scenarios allows.
fn play(desk: &Desk, exercise: &'static Exercise, fresh: u64) -> Result<Outcome, String> {
    let (file, report) = (desk.file(exercise), desk.report(exercise));
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let unwritable = |error: io::Error| format!("{}: {error}", report.display());
    let mut exam = Exam::new(fresh).reporting(&report).map_err(unwritable)?;
    let outcome = attack(exercise, &text, &mut exam);
    exam.end(outcome.clone(), &trace_beside(&report)).map_err(unwritable)?;
    Ok(outcome)
}

/// Builds an answer. The inner error is what the compiler has to say.
fn build(desk: &Desk, exercise: &Exercise) -> Result<Result<PathBuf, String>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    // Relative to where we are, and not to where cargo will be.
    let target = std::path::absolute(&target).map_err(|error| error.to_string())?;
    let output = Command::new(&cargo)
        .args(["build", "--quiet", "--bin", exercise.id, "--target-dir"])
        .arg(&target)
        .current_dir(desk.root())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cargo, which builds the answers, cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(Ok(target.join("debug").join(exercise.id).with_extension(std::env::consts::EXE_EXTENSION)));
    }
    Ok(Err(String::from_utf8_lossy(&output.stderr).trim_end().to_owned()))
}

/// Runs a built answer, and finds out what became of it. No case may take longer than there is `patience` for it.
///
/// # Errors
/// A sentence, if the program cannot be started, or a file of the learner's folder cannot be read or written.
pub fn run(
    desk: &Desk,
    exercise: &Exercise,
    program: &Path,
    fresh: u64,
    patience: Duration,
) -> Result<Outcome, String> {
    let report = desk.report(exercise);
    fs::write(&report, "").map_err(|error| format!("{}: {error}", report.display()))?;
    let mut child = Command::new(program)
        .arg(std::path::absolute(&report).map_err(|error| error.to_string())?)
        .arg(fresh.to_string())
        .current_dir(desk.root())
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let words = listen(&mut child);
    let ended = watch(&mut child, &report, patience)?;
    let said = words.join().unwrap_or_default();
    let lines = lines(&report)?;
    if let Some(Line::Ends(outcome)) = lines.last() {
        return Ok((**outcome).clone());
    }
    let passed: Vec<String> = lines
        .iter()
        .filter_map(|line| match line {
            Line::Passes(case) => Some(case.clone()),
            _ => None,
        })
        .collect();
    let case = lines.iter().rev().find_map(|line| match line {
        Line::Begins(case) => Some(case.clone()),
        _ => None,
    });
    let case = case.unwrap_or_else(|| "the first case".to_owned());
    let verdict = match ended {
        None => Verdict::Endless { case, seconds: patience.as_secs() },
        Some(_) if said.contains("memory allocation of") => {
            Verdict::Greedy { case, megabytes: MEMORY_BYTES_MAX as u64 >> 20 }
        }
        Some(_) if said.contains("has overflowed its stack") => {
            Verdict::Lost { case, message: "something calls itself for ever: the stack has overflowed".to_owned() }
        }
        Some(status) => Verdict::Lost { case, message: format!("{status}; it said: {}", said.trim_end()) },
    };
    Ok(Outcome { exercise: exercise.id.to_owned(), fresh, passed, verdict, points: 0 })
}

/// Keeps what a child says on its standard error: the beginning of it, if it says too much.
fn listen(child: &mut Child) -> thread::JoinHandle<String> {
    let stderr = child.stderr.take();
    thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut stderr) = stderr {
            // What cannot be read was not said; what is too much is read and thrown away, so that the child is not held up.
            let _ = stderr.by_ref().take(SAID_BYTES_MAX).read_to_end(&mut said);
            let _ = io::copy(&mut stderr, &mut io::sink());
        }
        String::from_utf8_lossy(&said).into_owned()
    })
}

/// How much of what an answer says is kept.
const SAID_BYTES_MAX: u64 = 1 << 16;

/// Waits for a child as long as its report grows. `None` if it had to be stopped.
fn watch(child: &mut Child, report: &Path, patience: Duration) -> Result<Option<ExitStatus>, String> {
    let mut length = 0;
    let mut since = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(Some(status));
        }
        let now = fs::metadata(report).map_or(0, |file| file.len());
        if now != length {
            (length, since) = (now, Instant::now());
        }
        if since.elapsed() > patience {
            // It may have ended just now; then there is nobody to stop.
            let _ = child.kill();
            child.wait().map_err(|error| error.to_string())?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// What a report says. A line that was cut off at its end is left out.
fn lines(report: &Path) -> Result<Vec<Line>, String> {
    let text = fs::read_to_string(report).map_err(|error| format!("{}: {error}", report.display()))?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}
