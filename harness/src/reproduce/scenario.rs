//! Reproduction of a bug in a scenario, which fails under the bug.

use quorate_bugs::{Breaks, Bug};
use quorate_lab::script::{RunOptions, ScriptError, ScriptProblem, run_scenario};
use quorate_lab::trace::Document;

use super::{Reproduction, instead};
use crate::TargetError;
use crate::{catalogue, protocols};

pub(super) fn reproduce(bug: &'static Bug, scenario: &str) -> Result<Reproduction, TargetError> {
    let text = consequences(catalogue::find(scenario).map_err(TargetError::other)?.text());
    let (error, document) = failure(bug, &text)?;
    let (broken, detail) = match &error.problem {
        ScriptProblem::Broken { invariant, told } => ((*invariant).to_owned(), told.clone()),
        problem => (problem.to_string(), problem.to_string()),
    };
    let (by_the_book, book) = match run_scenario(&text, &protocols::registry(), RunOptions::default()) {
        Ok(run_result) => (None, run_result.document),
        Err(failure) => (Some(failure.to_string()), failure.document.clone().unwrap_or_default()),
    };
    let commands = commands(&text, error.line);
    Ok(Reproduction {
        broken,
        detail,
        length: commands.len(),
        schedule: commands,
        by_the_book,
        instead: instead(&document, &book),
    })
}

/// Runs a scenario under a bug to the harm: the first unmet expectation, or, if the bug breaks an
/// invariant, the violation: an expectation that fails before it is no harm yet.
fn failure(bug: &'static Bug, text: &str) -> Result<(ScriptError, Document), TargetError> {
    let goes_on = matches!(bug.breaks, Breaks::Invariant(_));
    let options = RunOptions { rules: Some(bug.id), goes_on, ..RunOptions::default() };
    match run_scenario(text, &protocols::registry(), options) {
        Ok(run_result) => {
            let is_broken = |error: &ScriptError| matches!(error.problem, ScriptProblem::Broken { .. });
            let broken = run_result.unmet.into_iter().find(is_broken);
            let broken = broken.ok_or("the scenario runs to its end without the failure of the bug")?;
            Ok((broken, run_result.document))
        }
        Err(failure) if failure.is_unmet() => Ok((failure.error.clone(), failure.document.unwrap_or_default())),
        Err(failure) => Err(TargetError::other(failure)),
    }
}

/// Removes expectations about rules: only their consequences count.
fn consequences(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("expect rule=")).map(|line| format!("{line}\n")).collect()
}

/// Commands up to a line, without notes, output and expectations.
fn commands(text: &str, line: usize) -> Vec<String> {
    let mut is_output = false;
    let is_command = |line: &&str| {
        is_output = *line == "---" || is_output && !line.is_empty();
        let word = line.trim_start_matches('(').split(' ').next().unwrap_or_default();
        !is_output && !line.starts_with('#') && !["", "note", "print", "show", "expect", "cluster"].contains(&word)
    };
    text.lines().take(line).filter(is_command).map(str::to_owned).collect()
}
