//! Schedules: a run as a list of external moves, from a trace to the shortest scenario that still
//! fails.
//!
//! A run that breaks an invariant, found at random or by search, is a trace of thousands of events.
//! Its cause is less: the deliveries, the timer firings, the requests and the crashes, in their
//! order. [`Schedule::transcribe`] extracts these from a recording. Losses need no moves, because
//! an undelivered message is lost, and neither do partitions and pauses.
//!
//! [`Schedule::minimised`] removes all moves that the violation does not need: first those outside
//! its causal past (Lamport 1978), then by delta debugging (Zeller and Hildebrandt 2002), replaying
//! each attempt in memory. A move that has become impossible, because its cause was removed, is
//! removed as well. A message is identified by the move that sent it; if that is gone, the oldest
//! message of its name on the same link takes its place. So an attempt may remove an early
//! election, and later elections still succeed with lower terms.
//!
//! [`Schedule::scenario`] writes the result as a golden script, from which no single command can be
//! removed, followed by the same schedule under the papers' rules.

mod follow;
mod listen;
mod minimise;
mod pairs;
mod scenario;

pub use minimise::Minimised;
pub use scenario::{ScenarioHeader, ScenarioText};

use std::fmt;

use quorate_protocol::{ClientId, Names, NodeId, Time};

use super::command_line::CommandLine;
use super::problem::{ScriptError, ScriptProblem};
use crate::env::CrashPoint;

/// The external moves of a run that broke an invariant.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The cluster, without its pace.
    cluster: CommandLine,
    names: Names,
    moves: Vec<Move>,
    invariant: String,
    /// Whether the times of moves matter, and not only their order.
    timed: bool,
    /// Use of clients: one default client for all requests, or named clients.
    voices: ClientMode,
    /// Whether the clients must keep their names.
    named: bool,
}

/// The use of clients in a schedule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ClientMode {
    /// Every request is a new one, by the default client.
    One,
    /// Clients have names and number their requests, so that a request can be repeated.
    Clients,
}

/// One external action in a run.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Move {
    /// Unique number in the run. Zero stands for the boot of the nodes.
    id: u32,
    /// The time since the start of the run.
    at: Time,
    /// The node that it applies to.
    node: NodeId,
    what: Action,
}

/// The kind of a move.
#[derive(Clone, PartialEq, Debug)]
enum Action {
    /// A message is delivered; it may be delivered again later.
    Deliver { message: MessageKey, name: Option<&'static str>, again: bool },
    /// A timer fires.
    Fire { timer: String },
    /// A client makes a request.
    Ask { client: ClientId, number: u64, request: CommandLine },
    /// The node crashes, now or in its next step.
    Crash(CrashPoint),
    /// It starts again.
    Restart,
    /// Its disk is erased.
    Wipe,
    /// Its machine is suspended.
    Suspend,
    /// The suspension ends.
    Resume,
    /// The drift of its clocks in parts per million.
    Drift(i32),
    /// A jump of its wall clock in nanoseconds.
    Jump(i64),
}

/// A message, identified by the move that sent it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct MessageKey {
    /// The move that led to it.
    by: u32,
    from: NodeId,
    to: NodeId,
    /// The position among the messages on this link that this move led to, from 0.
    nth: u32,
}

/// Result of a replay.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    /// The positions of the moves that could be made.
    made: Vec<usize>,
    /// The invariant that broke.
    broken: Option<&'static str>,
    /// The commands for these moves, if requested.
    told: Vec<String>,
    /// The first move that could not be made, with the reason.
    left_out: Option<String>,
}

/// The reason why a run cannot be exported as a scenario.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum ExportError {
    /// No invariant broke in it.
    Unbroken,
    /// Something in it has no command in the language.
    Unsaid {
        /// A description of it, with the reason.
        what: String,
    },
    /// The cluster line is refused.
    Cluster(ScriptProblem),
    /// Its messages, timers and requests in the same order do not reproduce the violation.
    Otherwise {
        /// The invariant.
        invariant: String,
        /// The invariant that they break instead.
        instead: Option<&'static str>,
        /// The first move that could not be made, with the reason.
        left_out: Option<String>,
    },
    /// The exported scenario does not do what it says.
    Script(ScriptError),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExportError::Unbroken => {
                write!(f, "the run broke no invariant, and a schedule cannot show a missed goal")
            }
            ExportError::Unsaid { what } => write!(f, "{what}"),
            ExportError::Cluster(problem) => write!(f, "a scenario cannot set up this cluster: {problem}"),
            ExportError::Otherwise { invariant, instead, left_out } => {
                match instead {
                    Some(instead) => {
                        write!(f, "replayed message by message, the run breaks {instead} before {invariant}")?;
                    }
                    None => write!(
                        f,
                        "replayed message by message, the run does not break {invariant}; the cluster line may lack a setting that matters"
                    )?,
                }
                match left_out {
                    Some(left_out) => write!(f, "; the first impossible command: {left_out}"),
                    None => Ok(()),
                }
            }
            ExportError::Script(error) => write!(f, "the written scenario fails: {error}"),
        }
    }
}

impl std::error::Error for ExportError {}

impl Schedule {
    /// Number of commands, besides those that let time pass.
    pub fn len(&self) -> usize {
        self.moves.len()
    }

    /// Whether there are no moves.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty()
    }

    /// The protocol.
    pub fn protocol(&self) -> &str {
        self.cluster.words().first().map_or("", String::as_str)
    }

    /// The invariant that it breaks.
    pub fn invariant(&self) -> &str {
        &self.invariant
    }

    /// Gives every client its own name: for invariants about the answers of each client.
    #[must_use]
    pub fn with_clients(self) -> Self {
        Schedule { voices: ClientMode::Clients, named: true, ..self }
    }

    /// The cluster line of the scenario.
    fn run(&self) -> CommandLine {
        let mut cluster = self.cluster.clone();
        if self.voices == ClientMode::Clients {
            cluster = cluster.option("clients", self.names.clients().join(","));
        }
        // Where only the order matters, a diagram with one event at each instant is easier to read.
        cluster.option("pace", if self.timed { "0ms" } else { "1ms" })
    }
}
