//! Interface of a scenario run without the type of its protocol.

use quorate_protocol::{InvariantSummary, Names};

use super::args::Args;
use super::problem::ScriptProblem;
use super::schedule::{Followed, Move};
use super::snapshot::Snapshot;
use super::usage::Usage;
use crate::sim::Violation;
use crate::trace::{Document, Event, Header};

/// A scenario run with its protocol's type erased.
pub(super) trait DynScenarioRun {
    /// Executes a command. Returns its output.
    fn execute(&mut self, name: &str, args: Args<'_>) -> Result<String, ScriptProblem>;

    /// The log since the last time, if it is to be printed.
    fn tell(&mut self) -> String;

    /// The commands that the protocol adds.
    fn requests(&self) -> &'static [Usage];

    /// The violation that ended the run, as a problem of the script; `None` if the script expects
    /// it.
    fn unexpected(&self) -> Option<ScriptProblem>;

    /// The violation that ended the run.
    fn violation(&self) -> Option<&Violation>;

    /// The latest violation after which the script went on.
    fn accepted(&self) -> Option<&Violation>;

    /// The invariants that are checked.
    fn invariants(&self) -> Vec<InvariantSummary>;

    /// The trace so far.
    fn document(&self) -> Document;

    /// Number of events so far.
    fn events(&self) -> usize;

    /// Number of times that each rule was cited, in the order of the paper.
    fn coverage(&self) -> Vec<(&'static str, u64)>;

    /// Turns on lenient matching: if no message has the required fields, one of that name is
    /// accepted.
    fn set_lenient(&mut self);

    /// The names of nodes and clients.
    fn names(&self) -> Names;

    /// Whether nodes see the time, so that it matters when something happens.
    fn sees_time(&self) -> bool;

    /// Makes these moves, as far as possible, until an invariant breaks.
    fn follow(&mut self, moves: &[Move], telling: bool) -> Followed;

    /// The state between two commands.
    fn snapshot(&self) -> Snapshot;

    /// The header of the trace.
    fn header(&self) -> Header;

    /// The events of the trace from this index on.
    fn events_from(&self, index: usize) -> Vec<Event>;

    /// Whether a request of the protocol could be made with these arguments, as far as they can be
    /// read.
    fn accepts(&self, name: &str, args: Args<'_>) -> bool;

    /// Numbers of which at least one changes whenever a command changes the run.
    fn fingerprint(&self) -> [u64; 9];
}
