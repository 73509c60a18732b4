//! Errors of the trace file reader.

use std::fmt;
use std::io;

use crate::trace::lines::LineProblem;

/// Error of the reader, with the line.
#[derive(Debug)]
pub struct ReadError {
    /// Line number, from 1.
    pub line: usize,
    /// The problem on that line.
    pub problem: ReadProblem,
}

/// Problem on a line of a trace file. The message says how to correct it.
///
/// Quoted values from the file are shortened, and their control characters are escaped.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadProblem {
    /// The file cannot be read.
    Io(io::Error),
    /// The file has no lines.
    Empty,
    /// The line is longer than [`LINE_BYTES_MAX`](ReadProblem::LINE_BYTES_MAX).
    TooLong,
    /// The file is longer than [`FILE_BYTES_MAX`](ReadProblem::FILE_BYTES_MAX).
    FileTooLong,
    /// The line is not UTF-8.
    NotUtf8 {
        /// First invalid byte, from 1.
        column: usize,
    },
    /// The line is not JSON.
    NotJson(serde_json::Error),
    /// An object has two members of the same name.
    DuplicateKey(serde_json::Error),
    /// The last line is incomplete.
    Truncated,
    /// The line is JSON, but not an object.
    NotAnObject,
    /// The first line is not the header of a trace.
    NoHeader,
    /// The header is of a version that this library does not know.
    Version {
        /// The version.
        found: String,
    },
    /// A field is missing.
    Missing {
        /// The field, with the path to it, such as `link.up`.
        field: String,
        /// Expected content.
        expected: &'static str,
    },
    /// A field has a value of the wrong type.
    Mistyped {
        /// The field, with the path to it, such as `nodes[2]`.
        field: String,
        /// Expected content.
        expected: &'static str,
        /// Actual content.
        found: String,
    },
    /// The header gives the same name to two nodes or clients.
    SharedName {
        /// The name.
        name: String,
    },
    /// A name that the header does not list, or lists as another kind of lane.
    UnknownLane {
        /// The field that contains it.
        field: &'static str,
        /// The name.
        found: String,
        /// `node`, `client` or `node or client`.
        expected: &'static str,
        /// The most similar name in the header.
        suggestion: Option<String>,
    },
    /// An event of a kind that version 1 does not have.
    UnknownKind {
        /// The kind.
        found: String,
        /// The most similar kind.
        suggestion: Option<String>,
    },
    /// An id that does not increase.
    IdNotIncreasing {
        /// The id.
        id: u64,
        /// The id of the previous event.
        before: u64,
    },
    /// A time before that of the previous event.
    TimeGoesBackwards {
        /// The time, in nanoseconds.
        at: u64,
        /// The time of the previous event.
        before: u64,
    },
    /// A cause that is not an earlier event.
    NoSuchCause {
        /// The cause.
        cause: u64,
    },
    /// A field that refers to an event which is not an earlier one.
    NoSuchEvent {
        /// The field.
        field: &'static str,
        /// The id that it has.
        id: u64,
    },
    /// A message that was never sent.
    NeverSent {
        /// The message.
        msg: u64,
    },
    /// A message id that was already sent.
    SentAlready {
        /// The message.
        msg: u64,
    },
    /// A lie that does not begin with what the message says, or does not end with what it is to say.
    Misforged {
        /// The message.
        msg: u64,
        /// The field.
        field: String,
    },
    /// A message delivered to another recipient, or from another sender, than it was sent.
    Misdelivered {
        /// The message.
        msg: u64,
        /// Sender and recipient of the send.
        sent: String,
        /// Sender and recipient of the delivery.
        delivered: String,
    },
}

impl From<LineProblem> for ReadProblem {
    fn from(problem: LineProblem) -> Self {
        match problem {
            LineProblem::Io(error) => ReadProblem::Io(error),
            LineProblem::LineTooLong => ReadProblem::TooLong,
            LineProblem::FileTooLong => ReadProblem::FileTooLong,
            LineProblem::NotUtf8 { column } => ReadProblem::NotUtf8 { column },
        }
    }
}

impl ReadProblem {
    /// Maximum length of a line: 64 MiB.
    pub const LINE_BYTES_MAX: usize = 64 << 20;
    /// Maximum size of a file in bytes: in memory it takes a multiple of that.
    pub const FILE_BYTES_MAX: u64 = 256 << 20;
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            ReadProblem::Io(error) => Some(error),
            ReadProblem::NotJson(error) | ReadProblem::DuplicateKey(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for ReadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadProblem::Io(error) => write!(f, "cannot read the file: {error}"),
            ReadProblem::Empty => f.write_str(
                "the file is empty; a trace starts with a header like {\"quorate_trace\":1,\"protocol\":\"paxos\",\"nodes\":[\"A\",\"X\"]}",
            ),
            ReadProblem::FileTooLong => {
                write!(f, "the file is longer than {} MiB; save a shorter run", Self::FILE_BYTES_MAX >> 20)
            }
            ReadProblem::TooLong => write!(f, "the line is longer than {} MiB; split its contents", Self::LINE_BYTES_MAX >> 20),
            ReadProblem::NotUtf8 { column } => write!(f, "byte {column} is not UTF-8; save the file as UTF-8"),
            ReadProblem::NotJson(error) => {
                let (what, column) = in_line(error);
                write!(f, "this is not JSON ({what} at column {column}); each line must be one JSON object")
            }
            ReadProblem::DuplicateKey(error) => {
                let (what, column) = in_line(error);
                write!(f, "{what} (the second time before column {column}); leave out one of them")
            }
            ReadProblem::Truncated => {
                f.write_str("the file ends in the middle of this line, perhaps because it was still being written; remove the line or complete it")
            }
            ReadProblem::NotAnObject => f.write_str("each line must be one JSON object, {…}"),
            ReadProblem::NoHeader => f.write_str(
                "this is not the header of a trace; the first line must say \"quorate_trace\":1, the protocol and the nodes",
            ),
            ReadProblem::Version { found } => {
                write!(f, "this trace has version {found}, but only version 1 is supported here; use a newer quorate")
            }
            ReadProblem::Missing { field, expected } => write!(f, "`{field}` is missing; it must be {expected}"),
            ReadProblem::Mistyped { field, expected, found } => write!(f, "`{field}` is {found}; it must be {expected}"),
            ReadProblem::SharedName { name } => {
                write!(f, "two nodes or clients are called {name}; give each a unique name")
            }
            ReadProblem::UnknownLane { field, found, expected, suggestion } => {
                write!(f, "`{field}` is {found}, but the header lists no {expected} of that name")?;
                did_you_mean(f, suggestion.as_deref())
            }
            ReadProblem::UnknownKind { found, suggestion } => {
                write!(f, "{found} is not a kind of event in version 1")?;
                did_you_mean(f, suggestion.as_deref())
            }
            ReadProblem::IdNotIncreasing { id, before } => {
                write!(f, "event {id} comes after event {before}; `id` must increase from line to line")
            }
            ReadProblem::TimeGoesBackwards { at, before } => {
                write!(f, "`at` goes back from {before} to {at} ns; sort the events by time")
            }
            ReadProblem::NoSuchCause { cause } => {
                write!(f, "`cause` is {cause}, but no earlier event has that id; leave `cause` out for injected events")
            }
            ReadProblem::NoSuchEvent { field, id } => {
                write!(f, "`{field}` is {id}, but no earlier event has that id")
            }
            ReadProblem::NeverSent { msg } => {
                write!(f, "message {msg} was never sent; every `msg` needs an earlier `send`, `reply` or `duplicate`")
            }
            ReadProblem::SentAlready { msg } => {
                write!(f, "message {msg} was already sent; give every message and every copy a unique number")
            }
            ReadProblem::Misforged { msg, field } => {
                write!(
                    f,
                    "{field} of message {msg} was not `old`, or its `body` is not the earlier one with `new` there; \
                     write what the message said before, and all of what it says now"
                )
            }
            ReadProblem::Misdelivered { msg, sent, delivered } => {
                write!(f, "message {msg} was sent from {sent}, but is delivered from {delivered}")
            }
        }
    }
}

/// Returns an error without its place, and the column. Serde counts lines within the text that it
/// was given, which is one line of the file.
fn in_line(error: &serde_json::Error) -> (String, usize) {
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    (what.to_owned(), error.column())
}

fn did_you_mean(f: &mut fmt::Formatter<'_>, suggestion: Option<&str>) -> fmt::Result {
    suggestion.map_or(Ok(()), |suggestion| write!(f, "; did you mean {suggestion}?"))
}
