//! Results for course autograders: points and a message for each exercise.

use std::fs;
use std::path::Path;

use quorate::exercises::course::find;
use quorate::exercises::grading::{GradingOutcome, GradingVerdict};
use quorate::exercises::{AnswerKind, Exercise};
use quorate::lab::script::shown;
use serde::Serialize;

use crate::cli::failure::Failure;
use crate::cli::output::Output;

/// The file for Gradescope: a score, and a test for each exercise.
#[derive(Serialize)]
pub(super) struct Results {
    score: u32,
    tests: Vec<Test>,
}

impl Results {
    pub(super) fn new(tests: Vec<Test>) -> Self {
        Results { score: tests.iter().map(|test| test.score).sum(), tests }
    }
}

/// Result of one exercise in it.
#[derive(Serialize)]
pub(super) struct Test {
    name: &'static str,
    number: String,
    tags: [String; 2],
    score: u32,
    max_score: u32,
    status: &'static str,
    output: String,
}

impl Test {
    pub(super) fn new(exercise: &Exercise, score: u32, is_passed: bool, output: String) -> Self {
        Test {
            name: exercise.title,
            number: exercise.number().to_string(),
            tags: [exercise.id.to_owned(), exercise.part.to_string()],
            score,
            max_score: exercise.points,
            status: if is_passed { "passed" } else { "failed" },
            output,
        }
    }
}

/// Saves results in Gradescope's autograder format.
pub(super) fn save(outcomes: &[(&Exercise, GradingOutcome)], path: &Path, output: &mut Output) -> Result<(), Failure> {
    let test = |(exercise, outcome): &(&Exercise, GradingOutcome)| {
        Test::new(exercise, outcome.points, outcome.is_passed(), message(outcome))
    };
    write(&json(&Results::new(outcomes.iter().map(test).collect()))?, path, output)
}

/// Formats results as JSON.
pub(super) fn json(results: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(results)
        .map_err(|error| Failure::unusable(format_args!("cannot write the results: {error}")))?;
    Ok(text + "\n")
}

/// Writes results to a file and says so; for `-`, to the standard output alone.
pub(super) fn write(text: &str, path: &Path, output: &mut Output) -> Result<(), Failure> {
    if path == Path::new("-") {
        return output.text(text);
    }
    fs::write(path, text).map_err(|error| Failure::unusable(format_args!("{}: {error}", path.display())))?;
    output.line(format_args!("Saved {}.", path.display()))
}

/// Describes an outcome in a sentence or two.
pub(super) fn message(outcome: &GradingOutcome) -> String {
    match &outcome.verdict {
        GradingVerdict::Passed => format!("{} points", outcome.points),
        GradingVerdict::Unfinished => match find(&outcome.exercise).map(|exercise| exercise.kind) {
            Some(AnswerKind::Attack) => "your commands are still missing".to_owned(),
            _ => "the answer still contains `unfinished!`; replace it with your code".to_owned(),
        },
        GradingVerdict::Failed(broke) => {
            let seed = broke.seed.map_or_else(String::new, |seed| format!(" (seed {seed})"));
            format!("in \"{}\"{seed}, {} is broken: {}", broke.case, broke.what, quoted(&broke.detail))
        }
        GradingVerdict::Panicked { case, message } => format!("in \"{case}\" the answer panicked: {}", quoted(message)),
        GradingVerdict::Endless { case, seconds } => {
            format!(
                "in \"{case}\" the answer did not respond for {seconds} seconds and was stopped; look for an endless loop"
            )
        }
        GradingVerdict::Greedy { case, megabytes } => format!(
            "in \"{case}\" the answer asked for more than {megabytes} MB of memory; look for data or messages that grow without bound"
        ),
        GradingVerdict::Unreadable { message } => message.clone(),
        GradingVerdict::Lost { case, message } => {
            format!("in \"{case}\" the answer's program ended unexpectedly: {}", quoted(message))
        }
    }
}

/// Quotes output of an answer within the grader's output: it must not look like lines of the
/// grader's own.
pub(super) fn quoted(text: &str) -> String {
    shown(text).replace('\n', "\n  | ")
}
