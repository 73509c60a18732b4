//! Interactive run: one line after the other, with a look at the run in between.

use std::error::Error;
use std::rc::Rc;

use goldenscript::{Command, Context, Runner};
use quorate_protocol::InvariantSummary;

use super::args::Args;
use super::interpreter::{Interpreter, asked_rulebooks};
use super::problem::{ScriptError, ScriptProblem};
use super::protocol::Registry;
use super::scenario_run::RunOptions;
use super::snapshot::Snapshot;
use super::source::{Source, paragraphs};
use crate::trace::{Event, Header};

/// A run that performs one line of the scenario language after the other, with the errors and the
/// output of [`run_scenario`](super::run_scenario).
pub struct InteractiveRun {
    interpreter: Interpreter<Rc<Registry>>,
    is_spoilt: bool,
}

impl InteractiveRun {
    /// A run before its `cluster` line. `lines` are all that it is going to perform, as far as they
    /// are known: a cluster whose nodes get certain rulebooks later is set up with a machine that
    /// has them.
    pub fn new<'a>(registry: Rc<Registry>, title: &str, lines: impl Iterator<Item = &'a str>) -> Self {
        let interpreter = Interpreter::new(registry, title, asked_rulebooks(lines), RunOptions::default());
        InteractiveRun { interpreter, is_spoilt: false }
    }

    /// Whether these lines can follow in this run. Otherwise they need a new run, because they ask
    /// for other rulebooks than it was created for.
    pub fn suits<'a>(&self, lines: impl Iterator<Item = &'a str>) -> bool {
        self.interpreter.suits(&asked_rulebooks(lines))
    }

    /// Performs one line. Returns its output.
    ///
    /// # Errors
    /// The problem with the line. Then the run may be [spoilt](Self::is_spoilt).
    pub fn perform(&mut self, line: &str) -> Result<String, ScriptProblem> {
        let source = Source::read(line).map_err(|error| error.problem)?;
        if line.contains('\n') || source.command_lines.len() != 1 {
            return Err(ScriptProblem::Syntax { expected: "one command" });
        }
        let (before, expectations) = (self.fingerprint(), self.interpreter.expectations);
        let result = self.interpreter.execute_line(&source);
        if result.is_err() {
            self.interpreter.expectations = expectations;
        }
        self.is_spoilt |= result.is_err() && self.fingerprint() != before;
        result
    }

    /// Whether a line that failed has changed something all the same, such as a `run` that was
    /// stopped after too many events: a run of the other lines alone is in another state.
    pub fn is_spoilt(&self) -> bool {
        self.is_spoilt
    }

    /// The state of the run; `None` before the `cluster` line.
    pub fn snapshot(&self) -> Option<Snapshot> {
        Some(self.interpreter.active()?.snapshot())
    }

    /// The header of its trace.
    pub fn header(&self) -> Header {
        self.interpreter.active().map(|run| run.header()).unwrap_or_default()
    }

    /// Number of events of the trace.
    pub fn events(&self) -> usize {
        self.interpreter.active().map_or(0, |run| run.events())
    }

    /// The events of the trace from this index on.
    pub fn events_from(&self, index: usize) -> Vec<Event> {
        self.interpreter.active().map(|run| run.events_from(index)).unwrap_or_default()
    }

    /// The invariants that are checked after every step.
    pub fn invariants(&self) -> Vec<InvariantSummary> {
        self.interpreter.active().map(|run| run.invariants()).unwrap_or_default()
    }

    /// Whether the run was repeated by `again`, so that everything here is about the repetition.
    pub fn is_again(&self) -> bool {
        self.interpreter.again.is_some()
    }

    /// Number of expectations that are met.
    pub fn expectations(&self) -> usize {
        self.interpreter.expectations
    }

    /// Whether a line is a request of the protocol whose arguments can be read. That it succeeds is
    /// not certain: its node may be down.
    pub fn accepts(&self, line: &str) -> bool {
        let (Some(run), Some(command)) = (self.interpreter.active(), parsed(line)) else { return false };
        let Some(usage) = run.requests().iter().find(|usage| usage.name() == command.name) else { return false };
        Args::new(usage.form, &command.args).is_ok_and(|args| run.accepts(&command.name, args))
    }

    fn fingerprint(&self) -> (usize, usize, [Option<[u64; 9]>; 2]) {
        let Interpreter { printed, told, run, again, .. } = &self.interpreter;
        (*printed, told.len(), [run, again].map(|run| run.as_ref().map(|run| run.fingerprint())))
    }
}

impl std::fmt::Debug for InteractiveRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InteractiveRun").field("events", &self.events()).finish_non_exhaustive()
    }
}

/// The command of a line; `None` if it cannot be read.
fn parsed(line: &str) -> Option<Command> {
    let source = Source::read(line).ok()?;
    let mut reader = Reader(None);
    goldenscript::generate(&mut reader, &source.quoted).ok()?;
    reader.0
}

/// Runner that only keeps the last command.
struct Reader(Option<Command>);

impl Runner for Reader {
    type Command = Command;

    fn run(&mut self, command: &Command, _: &Context) -> Result<String, Box<dyn Error>> {
        self.0 = Some(command.clone());
        Ok(String::new())
    }
}

/// A scenario file, taken apart into its commands and the prose before each.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScenarioLines {
    /// The commands.
    pub lines: Vec<ScenarioLine>,
    /// The prose after the last command, with its `#`.
    pub after: String,
}

/// A command of a scenario file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScenarioLine {
    /// The line as the author wrote it.
    pub text: String,
    /// Its number in the file, from 1.
    pub number: usize,
    /// The prose before it, with its `#`.
    pub prose: String,
}

impl ScenarioLines {
    /// Reads a scenario file, without its output.
    ///
    /// # Errors
    /// The first line that cannot be read.
    pub fn read(text: &str) -> Result<Self, ScriptError> {
        let source = Source::read(text)?;
        let mut numbers = source.command_lines.iter();
        let (mut lines, mut prose) = (Vec::new(), String::new());
        for (is_command, line) in source.authored() {
            if is_command {
                let number = numbers.next().copied().unwrap_or(1);
                lines.push(ScenarioLine { text: line.to_owned(), number, prose: std::mem::take(&mut prose) });
            } else {
                prose.push_str(line);
                prose.push('\n');
            }
        }
        Ok(ScenarioLines { lines, after: prose })
    }

    /// Some prose without the `#`, as the remarks that a [`RunResult`](super::RunResult) has for it.
    pub fn remarks(prose: &str) -> Vec<String> {
        paragraphs(prose)
    }
}
