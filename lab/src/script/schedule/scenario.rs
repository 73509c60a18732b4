//! Export of a schedule as a scenario file: prose, commands and output, and the same under the
//! papers' rules.

use super::{ExportError, Minimised, Schedule};
use crate::script::protocol::Registry;
use crate::script::run_result::{RunResult, run_scenario};
use crate::script::scenario_run::RunOptions;
use crate::trace::render::{self, Options};
use crate::trace::{Document, EventKind, Lane};

/// The heading of a scenario.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ScenarioHeader {
    /// The title: one line, of 10 to 72 letters.
    pub title: String,
    /// The explanation and the source, as paragraphs.
    pub paragraphs: Vec<String>,
    /// Whether the rules were broken on purpose, so that a comparison with the papers' rules is
    /// useful.
    pub contrast: bool,
}

/// An exported scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScenarioText {
    /// The text of the file.
    pub text: String,
    /// Number of commands of the schedule, after the cluster line.
    pub commands: usize,
}

/// Width of a diagram that needs no `width` option, in columns.
const FIGURE: usize = 100;
/// Width of prose, in columns.
const WIDTH: usize = 98;

impl Minimised {
    /// Writes the scenario: the schedule with its output filled in, from which no single command
    /// can be removed; then, if requested, the same under the papers' rules, with the rule that
    /// makes the difference. `header` returns the heading, given the number of commands.
    ///
    /// # Errors
    /// [`ExportError::Script`]: the scenario does not do what it says.
    pub fn scenario(
        &self,
        registry: &Registry,
        header: impl FnOnce(usize) -> ScenarioHeader,
    ) -> Result<ScenarioText, ExportError> {
        let schedule = &self.schedule;
        let lines = schedule.follow(&schedule.moves, registry, true)?.told;
        let lines = schedule.without_needless(lines, registry)?;
        let commands = lines.len();
        let header = header(commands);
        let mut text = head(&header);
        text.push_str(&schedule.script(&lines, ""));
        text.push_str("---\n\n");
        let lanes = lanes(&play(&format!("{text}print off\n{}", schedule.assertion()), registry)?.document);
        text.push_str(&format!("{}{lanes}", schedule.assertion()));
        if header.contrast {
            text.push_str(&schedule.by_the_book(&text, &lanes, registry)?);
        }
        let printed = play(&text, registry)?.text;
        // The output is a fixed point: running the scenario again reproduces it.
        let again = play(&printed, registry)?;
        debug_assert!(again.difference.is_none(), "{:?}", again.difference);
        Ok(ScenarioText { text: again.text, commands })
    }
}

impl Schedule {
    /// The line that expects the violation.
    fn assertion(&self) -> String {
        format!("expect violation={}\n", self.invariant)
    }

    /// The cluster line and the commands.
    fn script(&self, lines: &[String], aside: &str) -> String {
        let mut script = format!("{}\n{aside}", self.run());
        for line in lines {
            script.push_str(line);
            script.push('\n');
        }
        script
    }

    /// The commands, without those that are not needed. Commands are less specific than moves:
    /// `deliver` takes the oldest message of a name, so a command may be unnecessary whose move was
    /// needed to distinguish two messages.
    fn without_needless(&self, mut lines: Vec<String>, registry: &Registry) -> Result<Vec<String>, ExportError> {
        let breaks = |lines: &[String]| play(&(self.script(lines, "print off\n") + &self.assertion()), registry);
        breaks(&lines)?;
        let mut position = lines.len();
        while position > 0 {
            position -= 1;
            let rest = [&lines[..position], &lines[position + 1..]].concat();
            if breaks(&rest).is_ok() {
                lines = rest;
                position = lines.len();
            }
        }
        Ok(lines)
    }

    /// The commands that repeat the scenario under the papers' rules, and expect the first rule
    /// that differs.
    fn by_the_book(&self, broken: &str, lanes: &str, registry: &Registry) -> Result<String, ExportError> {
        let again = "---\n\nagain\n";
        let run_result = play(&format!("{broken}{again}"), registry)?;
        let assertion = run_result.again.and_then(|book| {
            let (node, rule) = parting(&run_result.document, &book)?;
            let name = book.header.name(node);
            Some(format!("expect rule={rule} node={name}\n"))
        });
        Ok(format!("{again}{}{lanes}", assertion.unwrap_or_default()))
    }
}

/// The command that draws the diagram, as wide as needed.
fn lanes(document: &Document) -> String {
    match render::lanes(document, Options { width: FIGURE, ..Options::default() }) {
        Ok(_) => "show lanes\n".to_owned(),
        // Some extra width for the contents of messages.
        Err(narrow) => format!("show lanes width={}\n", narrow.needed.next_multiple_of(10) + 10),
    }
}

fn play(text: &str, registry: &Registry) -> Result<RunResult, ExportError> {
    run_scenario(text, registry, RunOptions::default()).map_err(|failure| ExportError::Script(failure.error))
}

/// The first rule that the papers' rulebook cites where the broken run cites another, or none.
fn parting(broken: &Document, book: &Document) -> Option<(Lane, String)> {
    let rules = |document: &Document| -> Vec<(Lane, String)> {
        let cited = document.events.iter().filter_map(|event| match &event.what {
            EventKind::Rule { rule, .. } => Some((event.lane?, rule.clone())),
            _ => None,
        });
        cited.collect()
    };
    let (broken, book) = (rules(broken), rules(book));
    let shared = broken.iter().zip(&book).take_while(|(ours, theirs)| ours == theirs).count();
    book.get(shared).cloned()
}

fn head(header: &ScenarioHeader) -> String {
    let mut text = format!("# {}\n", header.title);
    for paragraph in &header.paragraphs {
        text.push_str("#\n");
        for line in wrapped(paragraph) {
            text.push_str(&format!("# {line}\n"));
        }
    }
    text.push('\n');
    text
}

/// A paragraph, wrapped to the width of prose. An indented one (a command to type) is kept as one
/// line.
fn wrapped(paragraph: &str) -> Vec<String> {
    if paragraph.starts_with(' ') {
        return vec![paragraph.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in paragraph.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
