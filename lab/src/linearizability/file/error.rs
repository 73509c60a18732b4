//! Errors of reading history files.

use std::fmt;
use std::io;

use super::EdnError;
use crate::linearizability::Misuse;

/// The reason why a file is refused, and the line.
#[derive(Debug)]
pub struct HistoryError {
    /// The line, from 1.
    pub line: usize,
    /// The problem with that line.
    pub problem: HistoryProblem,
}

/// A problem with a line of a history file. The displayed message says how to fix it.
///
/// Values from the file are shortened for display, and control characters in them are escaped.
#[derive(Debug)]
#[non_exhaustive]
pub enum HistoryProblem {
    /// The file cannot be read.
    Io(io::Error),
    /// The file contains nothing that belongs to a history.
    Empty {
        /// The expected content.
        expected: &'static str,
    },
    /// The line, or a file that is read as a whole, is longer than this many bytes.
    TooLong {
        /// The longest length that is read.
        bytes_max: usize,
    },
    /// The line is not UTF-8.
    NotUtf8 {
        /// The first invalid byte, from 1.
        column: usize,
    },
    /// The line is not JSON.
    NotJson(serde_json::Error),
    /// The line is not EDN.
    NotEdn(EdnError),
    /// The line is JSON or EDN, but not an event.
    NotAnEvent {
        /// The expected content.
        expected: &'static str,
        /// The actual content.
        found: String,
    },
    /// The header has a version that this library does not know.
    Version {
        /// The version.
        found: String,
    },
    /// The history is about another kind of object.
    OtherModel {
        /// The model that it names.
        found: String,
        /// The expected model.
        expected: &'static str,
    },
    /// A field is missing.
    Missing {
        /// The field.
        field: &'static str,
        /// The expected content.
        expected: &'static str,
    },
    /// A field has the wrong type or value.
    Mistyped {
        /// The field.
        field: &'static str,
        /// The expected content.
        expected: String,
        /// The actual content.
        found: String,
        /// The name that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// An answer names another operation than the client invoked.
    OtherOperation {
        /// The client.
        client: u32,
        /// The operation that was invoked.
        invoked: String,
        /// The line of the invocation.
        since: usize,
        /// The operation that the answer names.
        found: String,
    },
    /// The event cannot follow those before it: for example, answered before invoked, or answered
    /// twice.
    Order {
        /// The reason.
        misuse: Misuse,
        /// The line of the earlier event that it conflicts with.
        since: Option<usize>,
    },
}

impl HistoryProblem {
    /// Attaches a line number.
    pub(super) fn on(self, line: usize) -> HistoryError {
        HistoryError { line, problem: self }
    }
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for HistoryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            HistoryProblem::Io(error) => Some(error),
            HistoryProblem::NotJson(error) => Some(error),
            HistoryProblem::NotEdn(error) => Some(error),
            HistoryProblem::Order { misuse, .. } => Some(misuse),
            _ => None,
        }
    }
}

impl fmt::Display for HistoryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HistoryProblem::Io(error) => write!(f, "cannot read the file: {error}"),
            HistoryProblem::Empty { expected } => {
                write!(f, "there is no history in the file; it should hold {expected}")
            }
            HistoryProblem::TooLong { bytes_max } => {
                write!(f, "the file is longer than {} MiB, the maximum; split the history", bytes_max >> 20)
            }
            HistoryProblem::NotUtf8 { column } => write!(f, "byte {column} is not UTF-8; save the file as UTF-8"),
            HistoryProblem::NotJson(error) => {
                // Serde counts lines within the text it was given, which is a single line of the
                // file.
                let text = error.to_string();
                let what = text.split(" at line ").next().unwrap_or_default();
                write!(f, "this is not JSON ({what} at column {}); each line must be one JSON object", error.column())
            }
            HistoryProblem::NotEdn(error) => error.fmt(f),
            HistoryProblem::NotAnEvent { expected, found } => write!(f, "this is {found}; it must be {expected}"),
            HistoryProblem::Version { found } => {
                write!(f, "this history has version {found}, but only version 1 is supported here; use a newer quorate")
            }
            HistoryProblem::OtherModel { found, expected } => {
                write!(f, "this is a history of {found}, not of {expected}; check it with the model that it names")
            }
            HistoryProblem::Missing { field, expected } => write!(f, "`{field}` is missing; it must be {expected}"),
            HistoryProblem::Mistyped { field, expected, found, suggestion } => {
                write!(f, "`{field}` is {found}; it must be {expected}")?;
                suggestion.map_or(Ok(()), |suggestion| write!(f, "; did you mean {suggestion}?"))
            }
            HistoryProblem::OtherOperation { client, invoked, since, found } => write!(
                f,
                "client {client} has a response to {found}, but invoked {invoked} on line {since}; a response must repeat the operation that was invoked"
            ),
            HistoryProblem::Order { misuse, since } => {
                let earlier = since.map_or(String::new(), |line| format!("line {line}"));
                misuse.tell(f, &earlier)
            }
        }
    }
}

/// The longest excerpt of a file that an error message quotes, in characters.
const QUOTED_MAX: usize = 40;

/// An excerpt of a file for an error message: shortened, with control characters escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let mut quoted: String = chars.by_ref().take(QUOTED_MAX).flat_map(escaped).collect();
    if chars.next().is_some() {
        quoted.push('…');
    }
    quoted
}

/// A character made safe to display: quotation marks stay, terminal control characters do not.
fn escaped(char: char) -> Vec<char> {
    match char {
        '"' | '\'' | '\\' => vec![char],
        _ => char.escape_debug().collect(),
    }
}
