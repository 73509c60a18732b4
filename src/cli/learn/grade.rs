//! `quorate learn grade`: grades an answer, and shows a minimal failing run.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use quorate::exercises::asking::Printed;
use quorate::exercises::asking::confine::{Launcher, confined, limit_grader};
use quorate::exercises::course::COURSE;
use quorate::exercises::grading::{CaseFailure, GradingOutcome, GradingVerdict, page_beside, trace_beside};
use quorate::exercises::runner::GradedAnswer;
use quorate::exercises::workspace::{CourseProgress, Workspace};
use quorate::exercises::{Exercise, Language, runner};
use quorate::lab::plural;
use quorate::lab::script::shown;
use quorate::lab::trace::{Document, html};

use super::{find, results, written};
use crate::cli::failure::Failure;
use crate::cli::output::{Output, Part};
use crate::cli::showing::{Showing, View};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The exercise; by default the next one
    #[arg(value_name = "ID", value_parser = find, conflicts_with = "all")]
    exercise: Option<&'static Exercise>,
    /// Grade all exercises
    #[arg(long)]
    all: bool,
    /// Seed of the random cases, to repeat a grading; by default a new one each time
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Save the points and messages of each exercise in the format of course autograders such as
    /// Gradescope (`-`: to standard output, and print nothing else)
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Grade for `grade-all`: within this time for a build, and again for all cases, and without a
    /// word on seeds and folders
    #[arg(long, value_name = "SECONDS", hide = true)]
    for_report: Option<u64>,
}

/// Audience of the report on a grading.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    pub(super) language: Language,
    pub(super) workspace: &'a Workspace,
    /// Whether the grading is for a report: its seeds are private, its folder is temporary.
    pub(super) is_report: bool,
}

pub(super) fn grade(
    arguments: &Arguments,
    language: Language,
    workspace: &Workspace,
    progress: &CourseProgress,
    output: &mut Output,
) -> Result<(), Failure> {
    let seed = arguments.seed.unwrap_or_else(drawn);
    let within = arguments.for_report.map(Duration::from_secs);
    let reader = Reader { language, workspace, is_report: within.is_some() };
    if reader.is_report {
        limit_grader().map_err(|error| Failure::unusable(format_args!("cannot limit the grader: {error}")))?;
    }
    let exercises: Vec<&'static Exercise> = match arguments.exercise.or_else(|| progress.next()) {
        _ if arguments.all => COURSE.iter().collect(),
        Some(exercise) => vec![exercise],
        None => return super::finished(output),
    };
    let quiet = arguments.json.as_ref().is_some_and(|path| path.as_os_str() == "-");
    let line = bar(exercises.len());
    let mut outcomes = Vec::new();
    let mut gaps = None;
    for exercise in exercises {
        line.set_message(exercise.id);
        let graded = grade_one(exercise, workspace, seed, within)?;
        line.inc(1);
        if !quiet {
            line.suspend(|| match arguments.all {
                true => brief(&graded.outcome, output),
                false => tell(exercise, &graded, reader, output),
            })?;
        }
        gaps = gaps.or(graded.gaps);
        outcomes.push((exercise, graded.outcome));
    }
    line.finish_and_clear();
    if let Some(gaps) = gaps {
        super::warn(gaps);
    }
    if let Some(path) = &arguments.json {
        results::save(&outcomes, path, output)?;
    }
    if let [(_, outcome)] = outcomes.as_slice()
        && outcome.is_passed()
        && !reader.is_report
        && !quiet
    {
        output.line("")?;
        super::next(workspace, &workspace.progress()?, output)?;
    }
    let failed = outcomes.iter().filter(|(_, outcome)| !outcome.is_passed()).count();
    match failed {
        0 => Ok(()),
        _ => Err(Failure::broke(format_args!("{failed} of {} not solved", plural(outcomes.len() as u64, "exercise")))),
    }
}

/// Progress of gradings, on a terminal.
pub(super) fn bar(gradings: usize) -> ProgressBar {
    ProgressBar::new(gradings as u64).with_style(
        ProgressStyle::with_template("{bar:30} {pos} of {len}, {msg}").unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

/// Returns a fresh seed, from the wall clock.
pub(super) fn drawn() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(now.subsec_nanos()) ^ now.as_secs() << 20 & 0xFFFF_FFFF
}

/// Path of this program, which is also the one that asks answers and grades submissions.
pub(super) fn this_program() -> Result<PathBuf, Failure> {
    std::env::current_exe()
        .map_err(|error| Failure::unusable(format_args!("cannot determine the path of this program: {error}")))
}

/// Grades an exercise and records the progress.
fn grade_one(
    exercise: &'static Exercise,
    workspace: &Workspace,
    seed: u64,
    within: Option<Duration>,
) -> Result<GradedAnswer, Failure> {
    let launcher = Launcher::new(this_program()?, ["learn", "confined"]);
    let launcher = within.map_or(launcher.clone(), |within| launcher.within(within));
    let graded = runner::grade_file(workspace, exercise, seed, &launcher).map_err(Failure::unusable)?;
    let noted = workspace.note(exercise, |standing| {
        standing.gradings += 1;
        standing.solved = graded.outcome.is_passed();
    });
    // The verdict is reported even if it cannot be recorded.
    match noted {
        Ok(progress) => super::warn_of_mended(&progress),
        Err(error) => super::warn(format_args!("the progress was not saved: {error}")),
    }
    Ok(graded)
}

pub(super) fn grade_fresh(exercise: &'static Exercise, workspace: &Workspace) -> Result<GradedAnswer, Failure> {
    grade_one(exercise, workspace, drawn(), None)
}

/// Replaces this process by the answer's program. Returns only on an error, which only the grader
/// sees.
pub(super) fn become_answer(program: &Path) -> Result<(), Failure> {
    let _ = confined(program);
    Err(Failure::unusable(format_args!("{}: this program cannot be started", program.display())))
}

/// Shows the output of the answer itself, marked as such.
fn printed(printed: &Printed, output: &mut Output) -> Result<(), Failure> {
    if printed.bytes == 0 {
        return Ok(());
    }
    output.line("Your answer printed:")?;
    for line in printed.text.lines().take(PRINTED_LINES_MAX) {
        output.line(format_args!("  | {}", shown(line)))?;
    }
    let lines = printed.text.lines().count().min(PRINTED_LINES_MAX);
    let shown_bytes: usize = printed.text.lines().take(lines).map(|line| line.len() + 1).sum();
    match printed.bytes.saturating_sub(shown_bytes as u64) {
        0 => Ok(()),
        more => output.line(format_args!("  | … and {more} more bytes")),
    }
}

/// Maximum number of lines of the answer's output that are shown.
const PRINTED_LINES_MAX: usize = 20;

fn brief(outcome: &GradingOutcome, output: &mut Output) -> Result<(), Failure> {
    let word = if outcome.is_passed() { "passed" } else { "failed" };
    output.line(format_args!("  {word}  {:24}  {}", outcome.exercise, results::message(outcome)))?;
    Ok(output.flush()?)
}

/// Reports the result of a grading.
pub(super) fn tell(
    exercise: &Exercise,
    graded: &GradedAnswer,
    reader: Reader<'_>,
    output: &mut Output,
) -> Result<(), Failure> {
    let outcome = &graded.outcome;
    printed(&graded.printed, output)?;
    output.line(format_args!("{}: {}", exercise.id, exercise.title))?;
    for case in &outcome.passed {
        output.prose(&format!("  passed  {case}"))?;
    }
    match &outcome.verdict {
        GradingVerdict::Passed if reader.is_report => {
            output.line(format_args!("Solved: {} points.", outcome.points))?
        }
        GradingVerdict::Passed => {
            output.line(format_args!(
                "Solved: {} points. Seed of the random cases: {}.",
                outcome.points, outcome.fresh
            ))?;
        }
        GradingVerdict::Failed(broke) => failed(exercise, outcome, broke, reader, output)?,
        _ => {
            output.line("")?;
            output.line(results::message(outcome))?;
            tell_file(exercise, reader, output)?;
        }
    }
    Ok(output.flush()?)
}

fn failed(
    exercise: &Exercise,
    outcome: &GradingOutcome,
    broke: &CaseFailure,
    reader: Reader<'_>,
    output: &mut Output,
) -> Result<(), Failure> {
    let seed = broke.seed.filter(|_| !reader.is_report).map_or_else(String::new, |seed| format!(", seed {seed}"));
    output.prose(&format!("  FAILED  {}{seed}", broke.case))?;
    output.line("")?;
    output.prose(&format!("{}: {}", broke.what, results::quoted(&broke.detail)))?;
    let report = reader.workspace.report(exercise);
    let trace = trace_beside(&report);
    if trace.exists() {
        let mut document = read(&trace)?;
        document.header.seed = document.header.seed.filter(|_| !reader.is_report);
        output.line("")?;
        // A liveness failure has no last step to show; the beginning of the run is more useful.
        let (caption, part) = match broke.what.as_str() {
            "Progress" => ("The beginning of the run:", Part::Beginning),
            _ => ("The minimal failing run:", Part::End),
        };
        output.line(caption)?;
        output.line("")?;
        // All of a run without reasons says more than its end with them.
        let with_reasons = Showing::reasons(View::Lanes);
        let fits = part == Part::Beginning || output.fits(&document, &with_reasons, LINES_MAX)?;
        let showing = if fits { with_reasons } else { Showing::brief(View::Lanes) };
        output.part_of_trace(&document, &showing, part, LINES_MAX)?;
        let page = page_beside(&report);
        fs::write(&page, html::page(&document).map_err(Failure::unusable)?)
            .map_err(|error| Failure::unusable(format_args!("{}: {error}", page.display())))?;
        output.line("")?;
        if reader.is_report {
            output.line(format_args!("Page: {}", page.file_name().unwrap_or_default().display()))?;
        } else {
            output.line(format_args!("Page:       {}", page.display()))?;
            output.line(format_args!("Full trace: quorate view {} --why", trace.display()))?;
        }
    }
    if !reader.is_report {
        output.line(format_args!("Repeat:     quorate learn grade {} --seed {}", exercise.id, outcome.fresh))?;
    }
    if let Some(hint) = exercise.hint_on(reader.language, &broke.what) {
        output.line("")?;
        output.page(&format!("Hint: {hint}"))?;
    }
    tell_file(exercise, reader, output)
}

/// Names the file to correct.
fn tell_file(exercise: &Exercise, reader: Reader<'_>, output: &mut Output) -> Result<(), Failure> {
    if reader.is_report {
        return Ok(());
    }
    output.line("")?;
    output.prose(&format!("Your {} is in {}.", written(exercise.kind), reader.workspace.file(exercise).display()))
}

/// Maximum length of a diagram in lines; the page shows longer ones.
const LINES_MAX: usize = 60;

fn read(trace: &std::path::Path) -> Result<Document, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| Failure::unusable(format_args!("{}: {error}", trace.display()));
    let file = File::open(trace).map_err(|error| unreadable(&error))?;
    Document::read_jsonl(BufReader::new(file)).map_err(|error| unreadable(&error))
}
