//! Reproduction of a bug in a scenario, which fails under the bug.

use quorate_lab::script::{RunOptions, ScriptProblem, run_scenario};

use super::{Reproduction, instead};
use crate::TargetError;
use crate::{catalogue, protocols};

pub(super) fn reproduce(bug: &'static str, scenario: &str) -> Result<Reproduction, TargetError> {
    let text = consequences(catalogue::find(scenario).map_err(TargetError::other)?.text());
    let play = |rules| run_scenario(&text, &protocols::registry(), RunOptions { rules, ..RunOptions::default() });
    let failure = match play(Some(bug)) {
        Ok(_) => return Err("the scenario runs to its end without a failure".into()),
        Err(failure) if failure.is_unmet() => failure,
        Err(failure) => return Err(TargetError::other(failure)),
    };
    let broken = match &failure.error.problem {
        ScriptProblem::Broken { invariant, .. } => (*invariant).to_owned(),
        problem => problem.to_string(),
    };
    let (by_the_book, book) = match play(None) {
        Ok(run_result) => (None, run_result.document),
        Err(failure) => (Some(failure.to_string()), failure.document.clone().unwrap_or_default()),
    };
    let commands = commands(&text, failure.error.line);
    Ok(Reproduction {
        broken,
        detail: failure.error.problem.to_string(),
        length: commands.len(),
        schedule: commands,
        by_the_book,
        instead: instead(&failure.document.unwrap_or_default(), &book),
    })
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
