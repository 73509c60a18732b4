//! Export of a schedule as a scenario file: prose, commands and output, and the same under the
//! papers' rules.

use super::{Minimised, Schedule, Untold};
use crate::script::perform::{Performance, perform};
use crate::script::play::Staging;
use crate::script::protocol::Repertoire;
use crate::trace::render::{self, Options};
use crate::trace::{Document, Lane, What};

/// The heading of a scenario.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Tale {
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
pub struct Transcript {
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
    /// makes the difference. `tale` returns the heading, given the number of commands.
    ///
    /// # Errors
    /// [`Untold::Script`]: the scenario does not do what it says.
    pub fn scenario(&self, repertoire: &Repertoire, tale: impl FnOnce(usize) -> Tale) -> Result<Transcript, Untold> {
        let schedule = &self.schedule;
        let lines = schedule.follow(&schedule.moves, repertoire, true)?.told;
        let lines = schedule.without_needless(lines, repertoire)?;
        let commands = lines.len();
        let tale = tale(commands);
        let mut text = head(&tale);
        text.push_str(&schedule.script(&lines, ""));
        text.push_str("---\n\n");
        let lanes = lanes(&play(&format!("{text}print off\n{}", schedule.claim()), repertoire)?.document);
        text.push_str(&format!("{}{lanes}", schedule.claim()));
        if tale.contrast {
            text.push_str(&schedule.by_the_book(&text, &lanes, repertoire)?);
        }
        let printed = play(&text, repertoire)?.text;
        // The output is a fixed point: running the scenario again reproduces it.
        let again = play(&printed, repertoire)?;
        debug_assert!(again.difference.is_none(), "{:?}", again.difference);
        Ok(Transcript { text: again.text, commands })
    }
}

impl Schedule {
    /// The line that expects the violation.
    fn claim(&self) -> String {
        format!("expect violation={}\n", self.invariant)
    }

    /// The cluster line and the commands.
    fn script(&self, lines: &[String], aside: &str) -> String {
        let mut script = format!("{}\n{aside}", self.stage());
        for line in lines {
            script.push_str(line);
            script.push('\n');
        }
        script
    }

    /// The commands, without those that are not needed. Commands are less specific than moves:
    /// `deliver` takes the oldest message of a name, so a command may be unnecessary whose move was
    /// needed to distinguish two messages.
    fn without_needless(&self, mut lines: Vec<String>, repertoire: &Repertoire) -> Result<Vec<String>, Untold> {
        let breaks = |lines: &[String]| play(&(self.script(lines, "print off\n") + &self.claim()), repertoire);
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
    fn by_the_book(&self, broken: &str, lanes: &str, repertoire: &Repertoire) -> Result<String, Untold> {
        let again = "---\n\nagain\n";
        let performance = play(&format!("{broken}{again}"), repertoire)?;
        let claim = performance.again.and_then(|book| {
            let (node, rule) = parting(&performance.document, &book)?;
            let name = book.header.name(node);
            Some(format!("expect rule={rule} node={name}\n"))
        });
        Ok(format!("{again}{}{lanes}", claim.unwrap_or_default()))
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

fn play(text: &str, repertoire: &Repertoire) -> Result<Performance, Untold> {
    perform(text, repertoire, Staging::default()).map_err(|failure| Untold::Script(failure.error))
}

/// The first rule that the papers' rulebook cites where the broken run cites another, or none.
fn parting(broken: &Document, book: &Document) -> Option<(Lane, String)> {
    let rules = |document: &Document| -> Vec<(Lane, String)> {
        let cited = document.events.iter().filter_map(|event| match &event.what {
            What::Rule { rule, .. } => Some((event.lane?, rule.clone())),
            _ => None,
        });
        cited.collect()
    };
    let (broken, book) = (rules(broken), rules(book));
    let shared = broken.iter().zip(&book).take_while(|(ours, theirs)| ours == theirs).count();
    book.get(shared).cloned()
}

fn head(tale: &Tale) -> String {
    let mut text = format!("# {}\n", tale.title);
    for paragraph in &tale.paragraphs {
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
