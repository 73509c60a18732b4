//! A whole scenario: executed from its first line to its last, and its result.

use std::error::Error;

use quorate_protocol::InvariantSummary;

use super::difference::{Difference, first_difference};
use super::interpreter::{Interpreter, asked_rulebooks};
use super::problem::{ScriptError, ScriptProblem};
use super::protocol::Registry;
use super::scenario_run::RunOptions;
use super::source::{Source, later_prose, prose};
use crate::sim::Violation;
use crate::trace::Document;

/// Result of a scenario that ended as it says.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// The scenario with fresh output; the author's lines are unchanged.
    pub text: String,
    /// The first difference from the stored output. `None` if there is none, or no output yet.
    pub difference: Option<Difference>,
    /// Whether the scenario has any output to compare with.
    pub has_output: bool,
    /// The trace.
    pub document: Document,
    /// The invariants that were checked after every step.
    pub invariants: Vec<InvariantSummary>,
    /// The trace of the [repetition](super::COMMANDS) by `again`, if there was one.
    pub again: Option<Document>,
    /// Number of times that each rule of the protocol was cited, in the order of the paper.
    pub coverage: Vec<(&'static str, u64)>,
    /// The latest violation that the scenario expected, if it did; with [`RunOptions::goes_on`]
    /// any.
    pub violation: Option<Violation>,
    /// Number of expectations.
    pub expectations: usize,
    /// All that differs from what the scenario says, with [`RunOptions::goes_on`]: expectations
    /// that are not met, commands that are impossible, a violation that it does not expect.
    pub unmet: Vec<ScriptError>,
    /// The prose after the first command, in order.
    pub remarks: Vec<Remark>,
}

/// A scenario's prose between two of its commands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// Number of events of the trace before it; `usize::MAX` for the end.
    pub after: usize,
    /// Its text.
    pub text: String,
}

/// Failure of a scenario: it could not be completed, or an expectation was not met.
#[derive(Clone, Debug)]
pub struct ScenarioFailure {
    /// The reason and the line.
    pub error: ScriptError,
    /// The trace up to there, if there was a cluster.
    pub document: Option<Document>,
    /// The invariants that were checked, if there was a cluster.
    pub invariants: Vec<InvariantSummary>,
}

impl ScenarioFailure {
    /// Whether the scenario was valid but its result differs from what it says: an expectation was
    /// not met, or an invariant broke. Otherwise it could not be parsed or executed.
    pub fn is_unmet(&self) -> bool {
        matches!(
            self.error.problem,
            ScriptProblem::Unmet { .. } | ScriptProblem::Broken { .. } | ScriptProblem::Over { .. }
        )
    }
}

impl std::fmt::Display for ScenarioFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for ScenarioFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

/// The title of a scenario: its first line of prose, without parsing the rest.
pub fn title(text: &str) -> String {
    story(text).lines().next().unwrap_or_default().to_owned()
}

/// The prose before a scenario's first command.
pub fn story(text: &str) -> String {
    prose(text)
}

/// Runs a scenario with the protocols of a repertoire.
///
/// # Errors
/// The [`ScenarioFailure`] of the first line that cannot be parsed or executed, or whose
/// expectation is not met; also if an invariant broke unexpectedly, or if the scenario has no
/// expectations at all.
pub fn run_scenario(text: &str, registry: &Registry, options: RunOptions) -> Result<RunResult, Box<ScenarioFailure>> {
    let unread = |error| Box::new(ScenarioFailure { error, document: None, invariants: Vec::new() });
    let source = Source::read(text).map_err(unread)?;
    let mut interpreter = Interpreter::new(registry, &source.title, asked_rulebooks(text.lines()), options);
    interpreter.command_lines.clone_from(&source.command_lines);
    let generated = goldenscript::generate(&mut interpreter, &source.quoted);
    let verdict = interpreter.verdict(generated);
    let Interpreter { run, again, expectations, events_before, unmet, .. } = interpreter;
    let document = run.as_ref().map(|run| run.document());
    let invariants = run.as_ref().map(|run| run.invariants()).unwrap_or_default();
    match (verdict, run, document) {
        (Ok(generated), Some(run), Some(document)) => {
            let difference = source.has_output.then(|| first_difference(&source.quoted, &generated, &source)).flatten();
            Ok(RunResult {
                text: source.restore(&generated),
                difference,
                has_output: source.has_output,
                document,
                invariants,
                again: again.map(|run| run.document()),
                coverage: run.coverage(),
                violation: run.violation().or(run.accepted()).cloned(),
                expectations,
                unmet,
                remarks: remarks(text, &source.command_lines, &events_before),
            })
        }
        (Err(error), _, document) => Err(Box::new(ScenarioFailure { error, document, invariants })),
        (Ok(_), _, document) => {
            let line = text.lines().count().max(1);
            Err(Box::new(ScenarioFailure { error: ScriptProblem::Vacuous.at(line), document, invariants }))
        }
    }
}

/// The prose after the first command; each is before the events of the command that follows it.
fn remarks(text: &str, command_lines: &[usize], events_before: &[usize]) -> Vec<Remark> {
    let place = |line: usize| command_lines.iter().position(|command| *command > line);
    let after = |line: usize| {
        place(line).map_or(usize::MAX, |command| events_before.get(command).copied().unwrap_or(usize::MAX))
    };
    later_prose(text).into_iter().map(|(line, text)| Remark { after: after(line), text }).collect()
}
