//! What can be wrong with a scenario, and what to do about it.

use std::fmt;

use crate::trace::nearest::nearest;

/// Something that is wrong with one line of a scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for ScriptError {}

/// What is wrong with a command, wherever it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Problem {
    /// The line cannot be read.
    Syntax {
        /// What should stand there instead.
        expected: &'static str,
    },
    /// No such command.
    UnknownCommand {
        /// What was written.
        name: String,
        /// The commands there are.
        known: Vec<&'static str>,
    },
    /// No such node, client, message, timer, rule, ….
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// What was written.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A word too many.
    Surplus {
        /// The word.
        word: String,
        /// How the command is used.
        usage: &'static str,
    },
    /// An option (`key=value`) that the command does not have.
    UnknownOption {
        /// What was written before the `=`.
        key: String,
        /// The options it has.
        known: Vec<&'static str>,
        /// How the command is used.
        usage: &'static str,
    },
    /// An option given twice.
    Twice {
        /// What stands before the `=`.
        key: String,
    },
    /// Something that the command needs is not there.
    Missing {
        /// What.
        what: &'static str,
        /// How the command is used.
        usage: &'static str,
    },
    /// A value that cannot be read or makes no sense.
    Bad {
        /// The reason, which names the value and says what is possible.
        reason: String,
    },
    /// A command before there is a cluster.
    NoCluster {
        /// The command.
        command: String,
    },
    /// A second cluster.
    SecondCluster,
    /// More than a readable story can have.
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many are possible.
        max: usize,
    },
    /// Longer than it may be.
    TooLong {
        /// What.
        what: &'static str,
        /// How it begins; empty if it is nothing to be shown.
        begins: String,
        /// How many bytes it has.
        bytes: usize,
        /// How many are possible.
        max: usize,
    },
    /// What was asked of the simulation makes no sense now.
    Refused {
        /// Why.
        reason: String,
    },
    /// The command would go on and on.
    Endless {
        /// How many events it took before it was stopped.
        events: u64,
        /// How to bound it.
        advice: &'static str,
    },
    /// Something was expected that is not so.
    Unmet {
        /// What was expected.
        expected: String,
        /// What is so.
        actual: String,
    },
    /// An invariant of the protocol broke, and the scenario did not say that it would.
    Broken {
        /// The invariant.
        invariant: &'static str,
        /// When and where it broke, and how.
        told: String,
    },
    /// The run has ended with a violation; there is nothing left to drive.
    Over {
        /// When and where it broke, and how.
        told: String,
    },
    /// The scenario expects nothing, so it could not fail.
    Vacuous,
}

impl Problem {
    /// There is no thing of that kind and name.
    pub fn unknown<K: Into<String>>(what: &'static str, name: &str, known: impl IntoIterator<Item = K>) -> Self {
        Problem::Unknown { what, name: name.to_owned(), known: known.into_iter().map(Into::into).collect() }
    }

    /// A value that cannot be read, for this reason.
    pub fn bad(reason: impl fmt::Display) -> Self {
        Problem::Bad { reason: reason.to_string() }
    }

    /// The simulation refuses, for this reason.
    pub fn refused(reason: impl fmt::Display) -> Self {
        Problem::Refused { reason: reason.to_string() }
    }

    /// A text that is longer than it may be.
    pub(super) fn too_long(what: &'static str, text: &str, max: usize) -> Self {
        let begins = text.chars().take(BEGINNING).collect();
        Problem::TooLong { what, begins, bytes: text.len(), max }
    }

    /// At that line.
    pub(super) fn at(self, line: usize) -> ScriptError {
        ScriptError { line, problem: self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Syntax { expected } => write!(f, "expected {expected}"),
            Problem::UnknownCommand { name, known } => {
                write!(f, "there is no command '{}'", shown(name))?;
                suggest(f, name, known)
            }
            Problem::Unknown { what, name, known } => {
                write!(f, "there is no {what} '{}'", shown(name))?;
                suggest(f, name, known)
            }
            Problem::Surplus { word, usage } => write!(f, "'{}' is one word too many; use: {usage}", shown(word)),
            Problem::UnknownOption { key, known, usage } => {
                write!(f, "there is no option '{}='", shown(key))?;
                match nearest(key, known.iter().copied()) {
                    Some(like) => write!(f, "; did you mean '{like}='? Use: {usage}"),
                    None => write!(f, "; use: {usage}"),
                }
            }
            Problem::Twice { key } => write!(f, "'{}=' is given twice; keep one of the two", shown(key)),
            Problem::Missing { what, usage } => write!(f, "{what} is missing; use: {usage}"),
            Problem::Bad { reason } | Problem::Refused { reason } => f.write_str(&shown(reason)),
            Problem::NoCluster { command } => {
                let command = shown(command);
                write!(f, "'{command}' needs a cluster; begin with a line such as 'cluster paxos nodes=3'")
            }
            Problem::SecondCluster => f.write_str("there is a cluster already; a scenario has one, set up once"),
            Problem::TooMany { what, count, max } => {
                write!(f, "{count} {what} are too many; at most {max} can be told apart")
            }
            Problem::TooLong { what, begins, bytes, max } => {
                let begins =
                    if begins.is_empty() { String::new() } else { format!(", that begins '{}',", shown(begins)) };
                write!(f, "{what}{begins} is too long: {bytes} bytes, and at most {max} are possible")
            }
            Problem::Endless { events, advice } => {
                write!(f, "stopped after {events} events without an end in sight; {advice}")
            }
            Problem::Unmet { expected, actual } => write!(f, "expected {}, but {}", shown(expected), shown(actual)),
            Problem::Broken { invariant, told } => {
                write!(f, "{}. If that is what the story tells, say 'expect violation={invariant}'", shown(told))
            }
            Problem::Over { told } => {
                write!(f, "the run has ended: {}. Only show, note and expect make sense from here on", shown(told))
            }
            Problem::Vacuous => f.write_str("nothing is expected, so this scenario cannot fail; add an 'expect' line"),
        }
    }
}

impl std::error::Error for Problem {}

/// How many names are listed at most when somebody asks for one that is not there.
const LISTED_MAX: usize = 24;

fn suggest<K: AsRef<str>>(f: &mut fmt::Formatter<'_>, name: &str, known: &[K]) -> fmt::Result {
    if let Some(like) = nearest(name, known.iter().map(AsRef::as_ref)) {
        return write!(f, "; did you mean '{like}'?");
    }
    let listed: Vec<&str> = known.iter().map(AsRef::as_ref).take(LISTED_MAX).collect();
    let more = if known.len() > LISTED_MAX { ", …" } else { "" };
    match listed[..] {
        [] => write!(f, "; there is none at all"),
        [only] => write!(f, "; there is only {only}"),
        _ => write!(f, "; there are {}{more}", listed.join(", ")),
    }
}

/// Letters that tell a text that is too long from others.
const BEGINNING: usize = 20;
/// Letters of a text that an error shows at most.
const SHOWN_MAX: usize = 400;

/// What a scenario contains, fit for a terminal: without control characters, and not a megabyte of it.
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
