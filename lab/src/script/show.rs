//! Output of a scenario: the log after each block, and on request the diagram, the states, the
//! facts.

use std::fmt::Write as _;

use quorate_protocol::{Machine, NodeId};

use super::args::{Args, whole};
use super::dyn_run::DynScenarioRun;
use super::problem::ScriptProblem;
use super::protocol::Protocol;
use super::scenario_run::ScenarioRun;
use crate::env::Status;
use crate::trace::render::{self, Log, Options};
use crate::trace::{EventId, Lane, Recording, TypedEvent, humanize, json, payload};

/// Default width of a scenario's output, in columns.
const WIDTH: usize = 100;
/// The allowed widths, in columns.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=240;

/// Cost of drawing an event, relative to examining it.
const DRAWING: u64 = 10;

/// Prints the log block by block.
pub(super) struct Printer {
    log: Log,
    is_on: bool,
    options: Options,
    /// The first event that is not yet printed.
    next: EventId,
}

impl Printer {
    /// A printer that omits these facts.
    pub(super) fn new(implied: &'static [&'static str]) -> Self {
        let options = Options { width: WIDTH, implied, ..Options::default() };
        Printer { log: Log::new(options.clone()), is_on: true, options, next: EventId::FIRST }
    }

    /// The events since the last time, as a log.
    pub(super) fn tell<M: Machine>(&mut self, recording: &Recording<M>) -> String {
        let mut text = String::new();
        if recording.next_id() > self.next {
            self.log
                .tell(&recording.header(), recording.events_from(self.next), &mut text)
                .expect("writing to a String does not fail");
            self.next = recording.next_id();
        }
        if self.is_on { without_blank_lines(&text) } else { String::new() }
    }

    fn set(&mut self, is_on: bool, options: Options) {
        self.is_on = is_on;
        if options != self.options {
            self.log = Log::new(options.clone());
            self.options = options;
        }
    }
}

/// Removes blank lines: one would end the output.
fn without_blank_lines(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

/// Parses `why=on width=100`; omitted options keep their values.
fn options(args: &mut Args<'_>, before: Options) -> Result<Options, ScriptProblem> {
    let why = switch(args, "why")?.unwrap_or(before.why);
    let timers = switch(args, "timers")?.unwrap_or(before.timers);
    let sends = switch(args, "sends")?.unwrap_or(before.sends);
    let state = switch(args, "state")?.unwrap_or(before.state);
    let width =
        args.option("width").map(|text| whole(text, "a number of columns")).transpose()?.unwrap_or(before.width);
    if !WIDTHS.contains(&width) {
        let (min, max) = (WIDTHS.start(), WIDTHS.end());
        return Err(ScriptProblem::bad(format_args!("width={width} is out of range; use {min} to {max} columns")));
    }
    Ok(Options { width, why, timers, sends, state, ..before })
}

fn switch(args: &mut Args<'_>, key: &'static str) -> Result<Option<bool>, ScriptProblem> {
    match args.option(key) {
        None => Ok(None),
        Some("on") => Ok(Some(true)),
        Some("off") => Ok(Some(false)),
        Some(other) => Err(ScriptProblem::bad(format_args!("{key}={other}: use on or off"))),
    }
}

impl<P: Protocol> ScenarioRun<P> {
    /// `note`: adds a note to the trace.
    pub(super) fn note(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let mut text = args.need("a text")?.to_owned();
        for word in args.rest() {
            text.push(' ');
            text.push_str(word);
        }
        args.finish()?;
        self.world.note(&text);
        Ok(())
    }

    /// `print`: sets what blocks print from here on.
    pub(super) fn print(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let is_on = match args.need("'log' or 'off'")? {
            "log" => true,
            "off" => false,
            other => return Err(ScriptProblem::unknown("way to print", other, ["log", "off"])),
        };
        let options = options(&mut args, self.printer.options.clone())?;
        args.finish()?;
        if is_on && !self.printer.is_on {
            // Skips the events that happened while printing was off.
            self.tell();
        }
        self.printer.set(is_on, options);
        Ok(())
    }

    /// `show`: renders the run so far in the requested form.
    pub(super) fn show(&mut self, mut args: Args<'_>) -> Result<String, ScriptProblem> {
        self.look(DRAWING)?;
        let text = match args.need("'log', 'lanes', 'state' or 'facts'")? {
            "log" => {
                let options = self.figure_options(&mut args)?;
                self.world.recording().map(|recording| render::log(&recording.document(), options)).unwrap_or_default()
            }
            "lanes" => {
                let options = self.figure_options(&mut args)?;
                let document = self.world.recording().map(Recording::document).unwrap_or_default();
                render::lanes(&document, options).map_err(ScriptProblem::refused)?
            }
            "state" => {
                let names = self.names();
                let node = args.node_if_any(&names)?;
                names.scope(|| self.states(node))
            }
            "facts" => self.names().scope(|| self.facts()),
            other => return Err(ScriptProblem::unknown("view", other, ["log", "lanes", "state", "facts"])),
        };
        args.finish()?;
        Ok(without_blank_lines(&text))
    }

    fn figure_options(&self, args: &mut Args<'_>) -> Result<Options, ScriptProblem> {
        let Options { width, implied, .. } = self.printer.options;
        options(args, Options { width, implied, ..Options::default() })
    }

    /// The state of one node, or of every node.
    fn states(&self, only: Option<NodeId>) -> String {
        let mut text = String::new();
        let nodes = (0..self.world.machines().len() as u32).map(NodeId);
        for node in nodes.filter(|node| only.is_none_or(|only| only == *node)) {
            let state = match (self.world.status(node), self.world.view(node)) {
                (Some(Status::Paused), Some(view)) => format!("(paused) {}", humanize(&json(&view))),
                (_, Some(view)) => humanize(&json(&view)),
                (_, None) => "is down".to_owned(),
            };
            writeln!(text, "{node}  {state}").expect("writing to a String does not fail");
        }
        text
    }

    /// The facts, in the order in which they became true.
    fn facts(&self) -> String {
        let mut text = String::new();
        for (_, event) in self.world.recording().into_iter().flat_map(Recording::iter) {
            if let (Some(Lane::Node(node)), TypedEvent::Fact { fact }) = (event.lane, &event.what) {
                let fact = payload(fact, "Fact");
                let body = humanize(&fact.body);
                writeln!(text, "{:>10}  {node}  {}  {body}", event.at, fact.name)
                    .expect("writing to a String does not fail");
            }
        }
        text
    }
}
