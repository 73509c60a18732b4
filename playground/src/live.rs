//! The run of the present state: it goes forward by appending commands, and back by replay.

use std::rc::Rc;

use quorate_lab::script::{InteractiveRun, Registry, ScriptProblem};
use quorate_lab::trace::{Document, JsonlWriter};

/// A run, the commands that led to it, and its trace.
pub(crate) struct Live {
    pub(crate) run: InteractiveRun,
    title: String,
    /// The commands that were performed.
    pub(crate) lines: Vec<String>,
    /// Number of events after each of them.
    pub(crate) events: Vec<usize>,
    /// The trace, as far as it was collected.
    pub(crate) document: Document,
    /// Its header as a line,
    pub(crate) header: String,
    /// and its events.
    pub(crate) jsonl: Vec<String>,
}

/// A run that could not perform all commands.
pub(crate) struct Stopped {
    /// Index of the command that failed.
    pub(crate) index: usize,
    pub(crate) problem: ScriptProblem,
    /// The run after the commands before it, unless the failed one has spoilt it.
    pub(crate) live: Option<Live>,
}

/// Commands after which the trace is not a continuation of what it was.
const RENEWING: [&str; 4] = ["cluster", "disk", "rules", "again"];

impl Live {
    /// A run before the first command.
    pub(crate) fn new<'a>(registry: &Rc<Registry>, title: &str, lines: impl Iterator<Item = &'a str>) -> Self {
        Live {
            run: InteractiveRun::new(Rc::clone(registry), title, lines),
            title: title.to_owned(),
            lines: Vec::new(),
            events: Vec::new(),
            document: Document::default(),
            header: String::new(),
            jsonl: Vec::new(),
        }
    }

    /// The run after these commands: the previous one continued, if that is possible, or else a new
    /// one.
    pub(crate) fn after(
        registry: &Rc<Registry>,
        title: &str,
        previous: Option<Live>,
        lines: &[String],
    ) -> Result<Live, Box<Stopped>> {
        let texts = || lines.iter().map(String::as_str);
        let goes_on = |live: &Live| {
            live.title == title && !live.run.is_spoilt() && lines.starts_with(&live.lines) && live.run.suits(texts())
        };
        let mut live = previous.filter(goes_on).unwrap_or_else(|| Live::new(registry, title, texts()));
        for (index, line) in lines.iter().enumerate().skip(live.lines.len()) {
            if let Err(problem) = live.perform(line) {
                let live = (!live.run.is_spoilt()).then_some(live);
                return Err(Box::new(Stopped { index, problem, live }));
            }
        }
        Ok(live)
    }

    /// Whether it is the run after these commands, and nothing else.
    pub(crate) fn is_after(&self, title: &str, lines: &[String]) -> bool {
        self.title == title && self.lines == lines && !self.run.is_spoilt()
    }

    /// Performs one more command.
    pub(crate) fn perform(&mut self, line: &str) -> Result<(), ScriptProblem> {
        self.run.perform(line)?;
        let begins = line.trim_start_matches(['(', '!', ' ', '\t']);
        if RENEWING.iter().any(|command| begins.starts_with(command)) {
            self.document.events.clear();
            self.jsonl.clear();
        }
        self.lines.push(line.to_owned());
        self.events.push(self.run.events());
        Ok(())
    }

    /// Converts the events since the last time.
    pub(crate) fn collect(&mut self) {
        self.document.header = self.run.header();
        let fresh = self.run.events_from(self.document.events.len());
        let mut written = Vec::new();
        // The only error is that two lanes have the same name, which no cluster line allows.
        if let Ok(mut writer) = JsonlWriter::new(self.document.header.clone(), &mut written) {
            drop(writer.write(&fresh));
        }
        let written = String::from_utf8_lossy(&written);
        let mut lines = written.lines();
        self.header = lines.next().unwrap_or_default().to_owned();
        self.jsonl.extend(lines.map(str::to_owned));
        self.document.events.extend(fresh);
    }

    /// The invariant that has ended the run, and whether the script has said so.
    pub(crate) fn broken(&self) -> Option<(&'static str, bool)> {
        let snapshot = self.run.snapshot()?;
        Some((snapshot.violation?.broken.invariant, snapshot.violation_expected))
    }
}
