//! Execution of a scenario from its first line to its last, and its result.

use std::error::Error;

use goldenscript::{Argument, Block, Command, Context, Runner};
use quorate_protocol::InvariantSummary;

use super::args::Args;
use super::bounds::PRINTED_MAX;
use super::difference::{Difference, first_difference};
use super::problem::{ScriptError, ScriptProblem, shown};
use super::protocol::Registry;
use super::scenario_run::{DynScenarioRun, RunArgs, RunOptions};
use super::source::{Source, later_prose, prose};
use super::usage::{COMMANDS, Usage, usage_of};
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
    let asked = own_rulebooks(text);
    let mut interpreter = Interpreter {
        registry,
        asked: &asked,
        options,
        title: &source.title,
        command_lines: &source.command_lines,
        begun: 0,
        events_before: Vec::new(),
        run: None,
        told: Vec::new(),
        cluster: None,
        again: None,
        expectations: 0,
        printed: 0,
        broken_at: None,
        unmet: Vec::new(),
        failure: None,
    };
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

/// Commands that `again` does not repeat: they do nothing to a cluster, or would prevent it from
/// running under the requested rules.
const NOT_REPEATED: [&str; 6] = ["note", "print", "rules", "show", "expect", "continue"];

/// Commands that print something: the pending log is printed before their output.
const TOLD_FIRST: [&str; 2] = ["show", "again"];

/// The arguments of a cluster line, with another rulebook.
fn with_rules(arguments: &[Argument], rules: &str) -> Vec<Argument> {
    let is_rules = |argument: &Argument| matches!(argument, Argument::KeyValue(key, _) if key == "rules");
    let mut arguments: Vec<Argument> = arguments.iter().filter(|argument| !is_rules(argument)).cloned().collect();
    arguments.push(Argument::KeyValue("rules".to_owned(), rules.to_owned()));
    arguments
}

/// The rulebooks that a script gives to single nodes with its `rules` commands.
fn own_rulebooks(text: &str) -> Vec<&str> {
    let commands = text.lines().map(|line| line.trim_start_matches(['(', '!', ' ']));
    commands
        .filter_map(|command| command.strip_prefix("rules ")?.split([' ', ')']).filter(|word| !word.is_empty()).nth(1))
        .collect()
}

/// Goldenscript's runner: counts commands, to know their lines, and passes them to the run.
struct Interpreter<'a> {
    registry: &'a Registry,
    /// The rulebooks that single nodes are given somewhere in the script.
    asked: &'a [&'a str],
    options: RunOptions,
    title: &'a str,
    command_lines: &'a [usize],
    /// Number of commands that were begun.
    begun: usize,
    /// Number of events before each command.
    events_before: Vec<usize>,
    run: Option<Box<dyn DynScenarioRun>>,
    /// The executed commands, for `again`.
    told: Vec<Command>,
    cluster: Option<Command>,
    /// The repeated run. From its creation on, commands apply to it.
    again: Option<Box<dyn DynScenarioRun>>,
    expectations: usize,
    /// Number of bytes printed so far.
    printed: usize,
    /// The line whose command broke an invariant.
    broken_at: Option<usize>,
    /// Differences that did not end the run.
    unmet: Vec<ScriptError>,
    failure: Option<ScriptError>,
}

impl Interpreter<'_> {
    /// The line of the current command.
    fn line(&self) -> usize {
        let current = self.begun.checked_sub(1).and_then(|index| self.command_lines.get(index));
        current.copied().unwrap_or(1)
    }

    fn verdict(&mut self, generated: std::io::Result<String>) -> Result<String, ScriptError> {
        let last = self.command_lines.last().copied().unwrap_or(1);
        let runs = self.run.iter().chain(&self.again);
        let unexpected = runs.into_iter().find_map(|run| run.unexpected());
        let unexpected = unexpected.map(|broken| broken.at(self.broken_at.unwrap_or(last)));
        let generated = generated.map_err(|error| {
            let line = self.line();
            let unread = || ScriptProblem::bad(format_args!("cannot read this: {error}")).at(line);
            let failure = self.failure.take().unwrap_or_else(unread);
            // `Over` is only a consequence of the violation: report the violation itself.
            match &failure.problem {
                ScriptProblem::Over { .. } => unexpected.clone().unwrap_or(failure),
                _ => failure,
            }
        })?;
        match unexpected {
            Some(broken) if self.options.goes_on => {
                self.unmet.push(broken);
                Ok(generated)
            }
            Some(broken) => Err(broken),
            None if self.expectations == 0 => Err(ScriptProblem::Vacuous.at(last)),
            None => Ok(generated),
        }
    }

    /// The reason why a command fails. After a violation that the script does not expect, an unmet
    /// expectation is its consequence.
    fn cause(&self, problem: &ScriptProblem, command: &Command) -> ScriptError {
        let is_violation = |argument: &Argument| matches!(argument, Argument::KeyValue(key, _) if key == "violation");
        let mut runs = self.run.iter().chain(&self.again);
        match (problem, self.broken_at) {
            (ScriptProblem::Unmet { .. }, Some(line)) if !command.args.iter().any(is_violation) => {
                let broken = runs.find_map(|run| run.unexpected());
                broken.map_or_else(|| problem.clone().at(self.line()), |broken| broken.at(line))
            }
            _ => problem.clone().at(self.line()),
        }
    }

    fn execute(&mut self, command: &Command) -> Result<String, ScriptProblem> {
        let name = command.name.as_str();
        if name == "cluster" {
            return self.open(command).map(|()| String::new());
        }
        let usage = self.usage(name)?;
        let args = Args::new(usage.form, &command.args)?;
        if self.run.is_none() {
            return Err(ScriptProblem::NoCluster { command: name.to_owned() });
        }
        if name == "again" {
            return self.repeat(args);
        }
        if name == "expect" {
            self.expectations += 1;
        }
        let Some(run) = self.again.as_mut().or(self.run.as_mut()) else { return Ok(String::new()) };
        let printed = run.execute(name, args)?;
        if self.again.is_none() && !NOT_REPEATED.contains(&name) {
            self.told.push(command.clone());
        }
        Ok(printed)
    }

    /// Goes on past a difference from what the scenario says, if the caller wants to. After the
    /// first, a command that is wrong is a consequence: its timer or message does not exist.
    fn past(&mut self, result: Result<String, ScriptProblem>) -> Result<String, ScriptProblem> {
        let Err(problem) = result else { return result };
        let differs = matches!(problem, ScriptProblem::Unmet { .. } | ScriptProblem::Refused { .. });
        match &problem {
            _ if !self.options.goes_on => Err(problem),
            ScriptProblem::Over { .. } => Ok(String::new()),
            _ if differs || !self.unmet.is_empty() => {
                self.unmet.push(problem.at(self.line()));
                Ok(String::new())
            }
            _ => Err(problem),
        }
    }

    /// `again`: executes the same commands in another run, as far as they are possible there.
    fn repeat(&mut self, mut args: Args<'_>) -> Result<String, ScriptProblem> {
        let rules = args.option("rules").map(str::to_owned);
        args.finish()?;
        let (Some(cluster), None) = (&self.cluster, &self.again) else {
            return Err(ScriptProblem::refused("the run was already repeated; a scenario can use 'again' only once"));
        };
        let arguments = match &rules {
            Some(rules) => with_rules(&cluster.args, rules),
            None => cluster.args.clone(),
        };
        let options = RunOptions { rules: None, ..self.options };
        let run_args = RunArgs { options, by_the_book: rules.is_none(), ..self.run_args() };
        let mut run = self.started(&arguments, run_args)?;
        run.set_lenient();
        let mut left_out = Vec::new();
        for command in &self.told {
            let usage = self.usage(&command.name)?;
            let done = Args::new(usage.form, &command.args).and_then(|args| run.execute(&command.name, args));
            if done.is_err() {
                left_out.push(command);
            }
            if run.violation().is_some() {
                break;
            }
        }
        // The repeated run is not printed again, unless the script asks for it.
        drop(run.tell());
        let (all, first) = (self.told.len(), left_out.first());
        let first = first.map(|command| format!("; the first impossible one: {command}")).unwrap_or_default();
        let says = format!("{} of {all} commands are possible{first}\n", all - left_out.len());
        self.again = Some(run);
        Ok(says)
    }

    /// Returns the text, unless the scenario has printed too much.
    fn print(&mut self, text: String) -> Result<String, ScriptProblem> {
        self.printed = self.printed.saturating_add(text.len());
        if self.printed > PRINTED_MAX {
            let (what, begins) = ("the output of the scenario", String::new());
            return Err(ScriptProblem::TooLong { what, begins, bytes: self.printed, max: PRINTED_MAX });
        }
        Ok(text)
    }

    /// The log since the last time.
    fn tell(&mut self) -> Result<String, Box<dyn Error>> {
        let run = self.again.as_mut().or(self.run.as_mut());
        let told = run.map(|run| run.tell()).unwrap_or_default();
        self.print(told).map_err(|problem| {
            self.failure = Some(problem.clone().at(self.line()));
            problem.into()
        })
    }

    fn usage(&self, name: &str) -> Result<&'static Usage, ScriptProblem> {
        let requests = match &self.run {
            Some(run) => run.requests().iter().collect(),
            None => self.registry.entries().iter().flat_map(|entry| entry.requests).collect::<Vec<_>>(),
        };
        usage_of(name).or_else(|| requests.iter().copied().find(|usage| usage.name() == name)).ok_or_else(|| {
            let known = COMMANDS.iter().chain(requests.iter().copied()).map(Usage::name).collect();
            ScriptProblem::UnknownCommand { name: name.to_owned(), known }
        })
    }

    fn open(&mut self, command: &Command) -> Result<(), ScriptProblem> {
        if self.run.is_some() {
            return Err(ScriptProblem::SecondCluster);
        }
        self.run = Some(self.started(&command.args, self.run_args())?);
        self.cluster = Some(command.clone());
        Ok(())
    }

    fn run_args(&self) -> RunArgs<'_> {
        RunArgs { title: self.title, options: self.options, traced: true, asked: self.asked, ..RunArgs::default() }
    }

    /// Creates a run for the arguments of a cluster line.
    fn started(&self, arguments: &[Argument], run_args: RunArgs<'_>) -> Result<Box<dyn DynScenarioRun>, ScriptProblem> {
        let usage = self.usage("cluster")?;
        let mut args = Args::new(usage.form, arguments)?;
        let entry = self.registry.entry(args.need("a protocol")?)?;
        args.set_usage(&entry.cluster);
        entry.open(run_args, args)
    }
}

impl Runner for Interpreter<'_> {
    type Command = Command;

    fn run(&mut self, command: &Command, context: &Context) -> Result<String, Box<dyn Error>> {
        self.begun += 1;
        let events = self.run.as_ref().map_or(0, |run| run.events());
        self.events_before.push(events);
        let result = self.execute(command).map_err(|problem| self.registry.explain(problem));
        let result = result.and_then(|printed| self.print(printed));
        let result = if context.fail { result } else { self.past(result) };
        let runs = self.run.iter().chain(&self.again);
        let is_broken = runs.into_iter().any(|run| run.unexpected().is_some());
        self.broken_at = is_broken.then(|| self.broken_at.unwrap_or_else(|| self.line()));
        match result {
            Ok(_) if context.fail => {
                let expected = format!("'{}' to fail", shown(&command.name));
                let problem = ScriptProblem::Unmet { expected, actual: "it succeeded".to_owned() };
                self.failure = Some(problem.at(self.line()));
            }
            Err(ref problem) if !context.fail => self.failure = Some(self.cause(problem, command)),
            _ => {}
        }
        Ok(result?)
    }

    /// The pending log is printed before the output of a command that shows it, and before the
    /// error of a command that must fail.
    fn start_command(&mut self, command: &Command, context: &Context) -> Result<String, Box<dyn Error>> {
        if context.fail || TOLD_FIRST.contains(&command.name.as_str()) { self.tell() } else { Ok(String::new()) }
    }

    fn end_block(&mut self, _: &Block) -> Result<String, Box<dyn Error>> {
        self.tell()
    }
}
