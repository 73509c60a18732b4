//! Results for course autograders: points and a message for each exercise.

use std::fs;
use std::path::Path;

use quorate::exercises::course::find;
use quorate::exercises::grading::{GradingVerdict, Outcome};
use quorate::exercises::{Exercise, Kind};
use quorate::lab::script::shown;
use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::output::Output;

/// Saves results in Gradescope's autograder format: a score, and a test for each exercise.
pub(super) fn save(outcomes: &[(&Exercise, Outcome)], path: &Path, output: &mut Output) -> Result<(), Failure> {
    let score: u32 = outcomes.iter().map(|(_, outcome)| outcome.points).sum();
    let tests: Vec<Value> = outcomes
        .iter()
        .map(|(exercise, outcome)| {
            json!({
                "name": exercise.title,
                "number": exercise.number().to_string(),
                "tags": [exercise.id, exercise.part.to_string()],
                "score": outcome.points,
                "max_score": exercise.points,
                "status": if outcome.is_passed() { "passed" } else { "failed" },
                "output": message(outcome),
            })
        })
        .collect();
    let text = format!("{:#}\n", json!({ "score": score, "tests": tests }));
    if path == Path::new("-") {
        return output.text(&text);
    }
    fs::write(path, text).map_err(|error| Failure::unusable(format_args!("{}: {error}", path.display())))?;
    output.line(format_args!("Saved {}.", path.display()))
}

/// Describes an outcome in a sentence or two.
pub(super) fn message(outcome: &Outcome) -> String {
    match &outcome.verdict {
        GradingVerdict::Passed => format!("{} points", outcome.points),
        GradingVerdict::Unfinished => match find(&outcome.exercise).map(|exercise| exercise.kind) {
            Some(Kind::Attack) => "nothing stands yet where your commands go".to_owned(),
            _ => "there is still a gap where `unfinished!` stands".to_owned(),
        },
        GradingVerdict::Failed(broke) => {
            let seed = broke.seed.map_or_else(String::new, |seed| format!(" (seed {seed})"));
            format!("in \"{}\"{seed}, {} is broken: {}", broke.case, broke.what, quoted(&broke.detail))
        }
        GradingVerdict::Panicked { case, message } => format!("in \"{case}\" it panicked: {}", quoted(message)),
        GradingVerdict::Endless { case, seconds } => {
            format!(
                "in \"{case}\" nothing came of it for {seconds} seconds, so it was stopped: is there a loop without an end?"
            )
        }
        GradingVerdict::Greedy { case, megabytes } => format!(
            "in \"{case}\" it asked for more than {megabytes} MB: is something collected, or sent, without an end?"
        ),
        GradingVerdict::Unreadable { message } => message.clone(),
        GradingVerdict::Lost { case, message } => format!("in \"{case}\" it was lost: {}", quoted(message)),
    }
}

/// Quotes output of an answer within the grader's output: it must not look like lines of the
/// grader's own.
pub(super) fn quoted(text: &str) -> String {
    shown(text).replace('\n', "\n  | ")
}
