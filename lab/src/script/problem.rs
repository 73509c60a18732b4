//! Errors of scenarios, with advice on how to fix them.

use std::fmt;

use crate::trace::nearest::nearest;

/// An error in one line of a scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptError {
    /// The line, from 1.
    pub line: usize,
    /// The problem.
    pub problem: ScriptProblem,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for ScriptError {}

/// A problem of a command, independent of its line.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ScriptProblem {
    /// The line cannot be read.
    Syntax {
        /// The expected syntax.
        expected: &'static str,
    },
    /// No such command.
    UnknownCommand {
        /// The written name.
        name: String,
        /// The commands there are.
        known: Vec<&'static str>,
    },
    /// No such node, client, message, timer, rule, ….
    Unknown {
        /// The kind of thing.
        what: &'static str,
        /// The written name.
        name: String,
        /// The existing names.
        known: Vec<String>,
    },
    /// A surplus word.
    Surplus {
        /// The word.
        word: String,
        /// Usage of the command.
        usage: &'static str,
    },
    /// An option (`key=value`) that the command does not have.
    UnknownOption {
        /// The key before the `=`.
        key: String,
        /// The options of the command.
        known: Vec<&'static str>,
        /// Usage of the command.
        usage: &'static str,
    },
    /// An option given twice.
    Twice {
        /// The key before the `=`.
        key: String,
    },
    /// A required argument is missing.
    Missing {
        /// The missing argument.
        what: &'static str,
        /// Usage of the command.
        usage: &'static str,
    },
    /// A value that cannot be read or makes no sense.
    Bad {
        /// The reason, which names the value and the possible ones.
        reason: String,
    },
    /// A command before there is a cluster.
    NoCluster {
        /// The command.
        command: String,
    },
    /// A second cluster.
    SecondCluster,
    /// More of something than a readable scenario can have.
    TooMany {
        /// The kind of thing.
        what: &'static str,
        /// The number.
        count: usize,
        /// The maximum.
        max: usize,
    },
    /// A text that is too long.
    TooLong {
        /// The kind of text.
        what: &'static str,
        /// Its beginning; empty if there is nothing to show.
        begins: String,
        /// Its length in bytes.
        bytes: usize,
        /// The maximum in bytes.
        max: usize,
    },
    /// The simulation cannot do this in its present state.
    Refused {
        /// The reason.
        reason: String,
    },
    /// The command would never end.
    Endless {
        /// Number of events after which it was stopped.
        events: u64,
        /// Advice on how to bound it.
        advice: &'static str,
    },
    /// An expectation is not met.
    Unmet {
        /// The expectation.
        expected: String,
        /// The actual state.
        actual: String,
    },
    /// An invariant of the protocol broke unexpectedly.
    Broken {
        /// The invariant.
        invariant: &'static str,
        /// A description: the time, the place and the values.
        told: String,
    },
    /// The run has ended with a violation, so it cannot continue.
    Over {
        /// A description: the time, the place and the values.
        told: String,
    },
    /// The scenario expects nothing, so it could not fail.
    Vacuous,
}

impl ScriptProblem {
    /// The problem of an unknown name of that kind.
    pub fn unknown<K: Into<String>>(what: &'static str, name: &str, known: impl IntoIterator<Item = K>) -> Self {
        ScriptProblem::Unknown { what, name: name.to_owned(), known: known.into_iter().map(Into::into).collect() }
    }

    /// The problem of a value that cannot be read, for this reason.
    pub fn bad(reason: impl fmt::Display) -> Self {
        ScriptProblem::Bad { reason: reason.to_string() }
    }

    /// The problem that the simulation refuses, for this reason.
    pub fn refused(reason: impl fmt::Display) -> Self {
        ScriptProblem::Refused { reason: reason.to_string() }
    }

    /// The problem of a text that is too long.
    pub(super) fn too_long(what: &'static str, text: &str, max: usize) -> Self {
        let begins = text.chars().take(BEGINNING).collect();
        ScriptProblem::TooLong { what, begins, bytes: text.len(), max }
    }

    /// Attaches a line number.
    pub(super) fn at(self, line: usize) -> ScriptError {
        ScriptError { line, problem: self }
    }
}

impl fmt::Display for ScriptProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScriptProblem::Syntax { expected } => write!(f, "expected {expected}"),
            ScriptProblem::UnknownCommand { name, known } => {
                write!(f, "there is no command '{}'", shown(name))?;
                suggest(f, name, known)
            }
            ScriptProblem::Unknown { what, name, known } => {
                write!(f, "there is no {what} '{}'", shown(name))?;
                suggest(f, name, known)
            }
            ScriptProblem::Surplus { word, usage } => {
                write!(f, "the word '{}' is superfluous; use: {usage}", shown(word))
            }
            ScriptProblem::UnknownOption { key, known, usage } => {
                write!(f, "there is no option '{}='", shown(key))?;
                match nearest(key, known.iter().copied()) {
                    Some(like) => write!(f, "; did you mean '{like}='? Use: {usage}"),
                    None => write!(f, "; use: {usage}"),
                }
            }
            ScriptProblem::Twice { key } => write!(f, "'{}=' is given twice; remove one of them", shown(key)),
            ScriptProblem::Missing { what, usage } => write!(f, "{what} is missing; use: {usage}"),
            ScriptProblem::Bad { reason } | ScriptProblem::Refused { reason } => f.write_str(&shown(reason)),
            ScriptProblem::NoCluster { command } => {
                let command = shown(command);
                write!(f, "'{command}' needs a cluster; start with a line such as 'cluster paxos nodes=3'")
            }
            ScriptProblem::SecondCluster => f.write_str("there is already a cluster; a scenario has exactly one"),
            ScriptProblem::TooMany { what, count, max } => {
                write!(f, "{count} {what} are too many; the maximum is {max}")
            }
            ScriptProblem::TooLong { what, begins, bytes, max } => {
                let begins =
                    if begins.is_empty() { String::new() } else { format!(" (starting with '{}')", shown(begins)) };
                write!(f, "{what}{begins} is too long: {bytes} bytes, the maximum is {max}")
            }
            ScriptProblem::Endless { events, advice } => {
                write!(f, "stopped after {events} events without reaching an end; {advice}")
            }
            ScriptProblem::Unmet { expected, actual } => {
                write!(f, "expected {}, but {}", shown(expected), shown(actual))
            }
            ScriptProblem::Broken { invariant, told } => {
                write!(f, "{}. If the scenario is meant to show this, add 'expect violation={invariant}'", shown(told))
            }
            ScriptProblem::Over { told } => {
                write!(f, "the run has ended: {}. Only show, note and expect are possible after that", shown(told))
            }
            ScriptProblem::Vacuous => {
                f.write_str("the scenario has no expectation, so it cannot fail; add an 'expect' line")
            }
        }
    }
}

impl std::error::Error for ScriptProblem {}

/// Maximum number of names that an error lists.
const LISTED_MAX: usize = 24;

fn suggest<K: AsRef<str>>(f: &mut fmt::Formatter<'_>, name: &str, known: &[K]) -> fmt::Result {
    if let Some(like) = nearest(name, known.iter().map(AsRef::as_ref)) {
        return write!(f, "; did you mean '{like}'?");
    }
    let listed: Vec<&str> = known.iter().map(AsRef::as_ref).take(LISTED_MAX).collect();
    let more = if known.len() > LISTED_MAX { ", …" } else { "" };
    match listed[..] {
        [] => write!(f, "; there are none"),
        [only] => write!(f, "; the only one is {only}"),
        _ => write!(f, "; known: {}{more}", listed.join(", ")),
    }
}

/// Length of the beginning of an overlong text in an error, in letters.
const BEGINNING: usize = 20;
/// Maximum length of a text in an error, in letters.
const SHOWN_MAX: usize = 400;

/// A text from a scenario, made safe to display: without control characters, and shortened.
pub fn shown(text: &str) -> String {
    let mut letters = text.chars();
    let mut shown = String::new();
    for letter in letters.by_ref().take(SHOWN_MAX) {
        if letter.is_control() && letter != '\n' {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}
