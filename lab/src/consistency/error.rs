//! Histories that cannot be judged.

use std::fmt;

use crate::linearizability::CallId;

/// The reason why a history is not one of registers with unique values. A response before its
/// invocation cannot be recorded at all: see [`Misuse`](crate::linearizability::Misuse).
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum BadHistory {
    /// A call that is neither a read nor a write, or whose result is not that of one.
    NotReadOrWrite {
        /// The call.
        call: CallId,
        /// The call in words.
        words: String,
    },
    /// A value that is written twice, so that a read of it does not say which write it saw.
    WrittenTwice {
        /// The first of the two writes.
        first: CallId,
        /// The second.
        second: CallId,
        /// The value.
        value: String,
    },
    /// A write of the initial value, which a read could not tell from none.
    WritesInitial {
        /// The write.
        call: CallId,
        /// The value.
        value: String,
    },
    /// A read of a value that is never written (`ThinAirRead` of Bouajjani et al. 2017), or only by
    /// a write that failed.
    NeverWritten {
        /// The read.
        call: CallId,
        /// The value.
        value: String,
    },
    /// More calls than [`OPERATIONS_MAX`](super::OPERATIONS_MAX).
    TooLong {
        /// The number of calls.
        calls: usize,
        /// The largest number.
        max: usize,
    },
}

impl fmt::Display for BadHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadHistory::NotReadOrWrite { call, words } => {
                write!(f, "call {} (`{words}`) is not a read or a write of a register; leave it out", call.0)
            }
            BadHistory::WrittenTwice { first, second, value } => write!(
                f,
                "calls {} and {} both write {value}; let every write have a value of its own",
                first.0, second.0
            ),
            BadHistory::WritesInitial { call, value } => {
                write!(f, "call {} writes {value}, the initial value; let it write another", call.0)
            }
            BadHistory::NeverWritten { call, value } => {
                write!(f, "call {} reads {value}, which no write that took effect wrote; check the recorder", call.0)
            }
            BadHistory::TooLong { calls, max } => {
                write!(f, "the history has {calls} calls, more than {max}; judge a part of it")
            }
        }
    }
}

impl std::error::Error for BadHistory {}
