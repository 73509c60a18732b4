//! Interpreter: executes the commands of a scenario, one after the other.

use std::error::Error;
use std::ops::Deref;

use goldenscript::{Argument, Block, Command, Context, Runner};

use super::args::Args;
use super::bounds::PRINTED_MAX;
use super::dyn_run::DynScenarioRun;
use super::problem::{ScriptError, ScriptProblem, shown};
use super::protocol::Registry;
use super::scenario_run::{RunArgs, RunOptions};
use super::source::Source;
use super::usage::{COMMANDS, Usage, usage_of};

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

/// The rulebooks that these lines give to nodes with `rules` commands.
pub(super) fn asked_rulebooks<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let commands = lines.map(|line| line.trim_start_matches(['(', '!', ' ']));
    commands
        .filter_map(|command| command.strip_prefix("rules ")?.split([' ', ')']).filter(|word| !word.is_empty()).nth(1))
        .map(str::to_owned)
        .collect()
}

/// Goldenscript's runner: counts commands, to know their lines, and passes them to the run.
pub(super) struct Interpreter<R> {
    registry: R,
    /// The rulebooks that nodes are given somewhere in the script.
    asked: Vec<String>,
    options: RunOptions,
    title: String,
    /// The line of each command.
    pub(super) command_lines: Vec<usize>,
    /// Number of commands that were begun.
    begun: usize,
    /// Number of events before each command.
    pub(super) events_before: Vec<usize>,
    pub(super) run: Option<Box<dyn DynScenarioRun>>,
    /// The executed commands, for `again`.
    pub(super) told: Vec<Command>,
    cluster: Option<Command>,
    /// The repeated run. From its creation on, commands apply to it.
    pub(super) again: Option<Box<dyn DynScenarioRun>>,
    pub(super) expectations: usize,
    /// Number of bytes printed so far.
    pub(super) printed: usize,
    /// The line whose command broke an invariant.
    broken_at: Option<usize>,
    /// Differences that did not end the run.
    pub(super) unmet: Vec<ScriptError>,
    failure: Option<ScriptError>,
}

impl<R: Deref<Target = Registry>> Interpreter<R> {
    /// An interpreter before the first command.
    pub(super) fn new(registry: R, title: &str, asked: Vec<String>, options: RunOptions) -> Self {
        Interpreter {
            registry,
            asked,
            options,
            title: title.to_owned(),
            command_lines: Vec::new(),
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
        }
    }

    /// The run that commands apply to.
    pub(super) fn active(&self) -> Option<&dyn DynScenarioRun> {
        self.again.as_deref().or(self.run.as_deref())
    }

    /// Whether the machine of the run is the one for these rulebooks.
    pub(super) fn suits(&self, asked: &[String]) -> bool {
        let Some(cluster) = &self.cluster else { return self.asked == asked };
        let variant = |asked: &[String]| {
            let mut args = Args::new("cluster", &cluster.args).ok()?;
            let entry = self.registry.entry(args.take()?).ok()?;
            entry.variant(self.options.rules, &args, asked)
        };
        variant(&self.asked) == variant(asked)
    }

    /// Executes one more line, which is a block of its own. Returns its output.
    pub(super) fn execute_line(&mut self, source: &Source) -> Result<String, ScriptProblem> {
        (self.begun, self.command_lines) = (0, vec![1]);
        self.events_before.clear();
        match goldenscript::generate(self, &source.quoted) {
            Ok(generated) => Ok(generated.split_once("---\n").map(|(_, output)| output.to_owned()).unwrap_or_default()),
            Err(error) => {
                let unread = || ScriptProblem::bad(format_args!("cannot read this: {error}"));
                Err(self.failure.take().map_or_else(unread, |failure| failure.problem))
            }
        }
    }

    /// The line of the current command.
    fn line(&self) -> usize {
        let current = self.begun.checked_sub(1).and_then(|index| self.command_lines.get(index));
        current.copied().unwrap_or(1)
    }

    pub(super) fn verdict(&mut self, generated: std::io::Result<String>) -> Result<String, ScriptError> {
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
        let (title, asked) = (self.title.as_str(), self.asked.as_slice());
        RunArgs { title, options: self.options, traced: true, asked, ..RunArgs::default() }
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

impl<R: Deref<Target = Registry>> Runner for Interpreter<R> {
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
