//! `quorate learn grade`: grades an answer, and shows a minimal failing run.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use quorate::exercises::asking::Printed;
use quorate::exercises::asking::confine::{Launcher, confined};
use quorate::exercises::course::COURSE;
use quorate::exercises::desk::{Desk, Progress};
use quorate::exercises::exam::{Broke, Outcome, Verdict, trace_beside};
use quorate::exercises::marking::Marked;
use quorate::exercises::{Exercise, marking};
use quorate::lab::script::shown;
use quorate::lab::trace::{Document, html};

use super::{find, results, written};
use crate::cli::failure::Failure;
use crate::cli::screen::{Part, Screen, Showing, View};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The exercise; by default the next one
    #[arg(value_name = "ID", value_parser = find, conflicts_with = "all")]
    exercise: Option<&'static Exercise>,
    /// Grade all of them
    #[arg(long)]
    all: bool,
    /// Draw the fresh cases from this seed, to grade the same again; by default they are new each time
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Save the points and messages of each exercise, as course autograders such as Gradescope read them (`-`: print nothing else)
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(super) fn grade(
    arguments: &Arguments,
    desk: &Desk,
    progress: &Progress,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let seed = arguments.seed.unwrap_or_else(drawn);
    let exercises: Vec<&'static Exercise> = match arguments.exercise.or_else(|| progress.next()) {
        _ if arguments.all => COURSE.iter().collect(),
        Some(exercise) => vec![exercise],
        None => return super::finished(screen),
    };
    let quiet = arguments.json.as_ref().is_some_and(|path| path.as_os_str() == "-");
    let line = ProgressBar::new(exercises.len() as u64).with_style(
        ProgressStyle::with_template("{bar:30} {pos} of {len}, {msg}").unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let mut outcomes = Vec::new();
    let mut gaps = None;
    for exercise in exercises {
        line.set_message(exercise.id);
        let marked = mark(exercise, desk, seed)?;
        line.inc(1);
        if !quiet {
            line.suspend(|| {
                if arguments.all { brief(&marked.outcome, screen) } else { tell(exercise, &marked, desk, screen) }
            })?;
        }
        gaps = gaps.or(marked.gaps);
        outcomes.push((exercise, marked.outcome));
    }
    line.finish_and_clear();
    if let Some(gaps) = gaps {
        super::warn(gaps);
    }
    if let Some(path) = &arguments.json {
        results::save(&outcomes, path, screen)?;
    }
    let failed = outcomes.iter().filter(|(_, outcome)| !outcome.is_passed()).count();
    match failed {
        0 => Ok(()),
        _ => Err(Failure::broke(format_args!("{failed} of {} not solved", outcomes.len()))),
    }
}

/// Returns a fresh seed, from the wall clock.
fn drawn() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(now.subsec_nanos()) ^ now.as_secs() << 20 & 0xFFFF_FFFF
}

/// Grades an exercise and records the progress.
pub(super) fn mark(exercise: &'static Exercise, desk: &Desk, seed: u64) -> Result<Marked, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::unusable(format_args!("the path of this program is unknown: {error}")))?;
    let launcher = Launcher::new(program, ["learn", "confined"]);
    let marked = marking::mark(desk, exercise, seed, &launcher).map_err(Failure::unusable)?;
    let noted = desk.note(exercise, |standing| {
        standing.gradings += 1;
        standing.solved = marked.outcome.is_passed();
    });
    // The verdict is reported even if it cannot be recorded.
    match noted {
        Ok(progress) => super::warn_of_mended(&progress),
        Err(error) => super::warn(format_args!("the grading is not noted: {error}")),
    }
    Ok(marked)
}

pub(super) fn mark_fresh(exercise: &'static Exercise, desk: &Desk) -> Result<Marked, Failure> {
    mark(exercise, desk, drawn())
}

/// Replaces this process by the answer's program. Returns only on an error, which only the grader
/// sees.
pub(super) fn become_answer(program: &Path) -> Result<(), Failure> {
    let _ = confined(program);
    Err(Failure::unusable(format_args!("{}: it cannot be started", program.display())))
}

/// Shows the output of the answer itself, marked as such.
fn printed(printed: &Printed, screen: &mut Screen) -> Result<(), Failure> {
    if printed.bytes == 0 {
        return Ok(());
    }
    screen.line("Your answer printed:")?;
    for line in printed.text.lines().take(PRINTED_LINES_MAX) {
        screen.line(format_args!("  | {}", shown(line)))?;
    }
    let lines = printed.text.lines().count().min(PRINTED_LINES_MAX);
    let told: usize = printed.text.lines().take(lines).map(|line| line.len() + 1).sum();
    match printed.bytes.saturating_sub(told as u64) {
        0 => Ok(()),
        more => screen.line(format_args!("  | and {more} bytes more")),
    }
}

/// Maximum number of lines of the answer's output that are shown.
const PRINTED_LINES_MAX: usize = 20;

fn brief(outcome: &Outcome, screen: &mut Screen) -> Result<(), Failure> {
    let word = if outcome.is_passed() { "passed" } else { "failed" };
    screen.line(format_args!("  {word}  {:24}  {}", outcome.exercise, results::message(outcome)))?;
    Ok(screen.flush()?)
}

/// Reports the result of a grading.
pub(super) fn tell(exercise: &Exercise, marked: &Marked, desk: &Desk, screen: &mut Screen) -> Result<(), Failure> {
    let outcome = &marked.outcome;
    printed(&marked.printed, screen)?;
    screen.line(format_args!("{}: {}", exercise.id, exercise.title))?;
    for case in &outcome.passed {
        screen.prose(&format!("  passed  {case}"))?;
    }
    match &outcome.verdict {
        Verdict::Passed => {
            screen.line(format_args!(
                "Solved: {} points. Fresh cases were drawn from seed {}.",
                outcome.points, outcome.fresh
            ))?;
        }
        Verdict::Failed(broke) => failed(exercise, outcome, broke, desk, screen)?,
        _ => {
            screen.line("")?;
            screen.line(results::message(outcome))?;
            tell_file(exercise, desk, screen)?;
        }
    }
    Ok(screen.flush()?)
}

fn failed(
    exercise: &Exercise,
    outcome: &Outcome,
    broke: &Broke,
    desk: &Desk,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let seed = broke.seed.map_or_else(String::new, |seed| format!(", seed {seed}"));
    screen.prose(&format!("  FAILED  {}{seed}", broke.case))?;
    screen.line("")?;
    screen.prose(&format!("{}: {}", broke.what, results::quoted(&broke.detail)))?;
    let trace = trace_beside(&desk.report(exercise));
    if trace.exists() {
        let document = read(&trace)?;
        screen.line("")?;
        // A liveness failure has no last step to show; the beginning of the run is more useful.
        let (caption, part) = match broke.what.as_str() {
            "Progress" => ("How it begins:", Part::Beginning),
            _ => ("The least that must happen for it:", Part::End),
        };
        screen.line(caption)?;
        screen.line("")?;
        screen.part_of_trace(&document, Showing { view: View::Lanes, why: true }, part, LINES_MAX)?;
        let page = trace.with_extension("html");
        // A symbolic link in a submitted folder could point elsewhere. Usually there is an old page
        // or none.
        let _ = fs::remove_file(&page);
        fs::write(&page, html::page(&document).map_err(Failure::unusable)?)
            .map_err(|error| Failure::unusable(format_args!("{}: {error}", page.display())))?;
        screen.line("")?;
        screen.line(format_args!("The page:   {}", page.display()))?;
        screen.line(format_args!("All of it:  quorate view {} --why", trace.display()))?;
    }
    screen.line(format_args!("Once more:  quorate learn grade {} --seed {}", exercise.id, outcome.fresh))?;
    if let Some(hint) = exercise.hints().when(&broke.what) {
        screen.line("")?;
        screen.line(format_args!("What to look at: {hint}"))?;
    }
    tell_file(exercise, desk, screen)
}

/// Names the file to correct.
fn tell_file(exercise: &Exercise, desk: &Desk, screen: &mut Screen) -> Result<(), Failure> {
    screen.line("")?;
    screen.prose(&format!("Your {} is in {}.", written(exercise.kind), desk.file(exercise).display()))
}

/// Maximum length of a diagram in lines; the page shows longer ones.
const LINES_MAX: usize = 60;

fn read(trace: &std::path::Path) -> Result<Document, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| Failure::unusable(format_args!("{}: {error}", trace.display()));
    let file = File::open(trace).map_err(|error| unreadable(&error))?;
    Document::read_jsonl(BufReader::new(file)).map_err(|error| unreadable(&error))
}
