//! Option for the stamps of a logical clock on what a trace shows.

use std::borrow::Cow;

use clap::{Args, ValueEnum};
use quorate::lab::trace::Document;
use quorate::stamps;
use quorate::time::logical::{HybridClock, LamportClock, VectorClock};

/// Which stamps are to be shown.
#[derive(Args, Clone, Debug)]
pub(crate) struct Stamps {
    /// Write the stamp of a logical clock on each message, answer and fact, as if each node and
    /// client had one; a vector has the columns of the drawing, clients first
    #[arg(long, value_enum, value_name = "CLOCK")]
    stamps: Option<Clock>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Clock {
    /// A number (Lamport 1978)
    Lamport,
    /// A number for each process (Fidge 1988, Mattern 1989)
    Vector,
    /// A wall-clock time in milliseconds, and a number (Kulkarni 2014)
    Hybrid,
}

impl Stamps {
    /// The trace with the stamps that were asked for.
    pub(crate) fn on<'a>(&self, document: &'a Document) -> Cow<'a, Document> {
        match self.stamps {
            None => Cow::Borrowed(document),
            Some(Clock::Lamport) => Cow::Owned(stamps::stamped::<LamportClock>(document, "lamport")),
            Some(Clock::Vector) => Cow::Owned(stamps::stamped::<VectorClock>(document, "vector")),
            Some(Clock::Hybrid) => Cow::Owned(stamps::stamped::<HybridClock>(document, "hybrid")),
        }
    }
}
