//! Schedules: a run as the list of what somebody made happen, from a trace to the shortest scenario that still fails.
//!
//! A run that breaks an invariant, found by chance or by search, is a trace of thousands of events. What made it fail is less: the
//! messages that arrived, the timers that ran out, the requests, the crashes, in their order. [`Schedule::transcribe`] takes that
//! from a recording. Losses need no telling, since a message that nobody delivers is lost, and neither do partitions and pauses.
//!
//! [`Schedule::minimised`] leaves out whatever the violation can do without: first all that is not in its causal past
//! (Lamport 1978), then by delta debugging (Zeller and Hildebrandt 2002), each attempt played in memory by the player of scenarios.
//! What can no longer happen in an attempt, because its cause was left out, is left out as well. A message is known again by what sent
//! it; if that is gone, the oldest of its name on the same way takes its place. So an attempt may leave out an early election,
//! and the later ones go through with lower terms.
//!
//! [`Schedule::scenario`] writes what is left as a golden script, in which no single command can be taken away, and behind it the
//! same schedule by the book.

mod follow;
mod listen;
mod minimise;
mod pairs;
mod scenario;

pub use minimise::Minimised;
pub use scenario::{Tale, Transcript};

use std::fmt;

use quorate_protocol::{ClientId, Names, NodeId, Time};

use super::phrase::Phrase;
use super::problem::{Problem, ScriptError};
use crate::env::CrashMoment;

/// What somebody made happen in a run that broke an invariant.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The cluster, without its pace.
    cluster: Phrase,
    names: Names,
    moves: Vec<Move>,
    invariant: String,
    /// Whether it matters when something happens, besides in which order.
    timed: bool,
    /// Who asks for what: one client for all, or each for itself.
    voices: Voices,
    /// Whether the clients must keep their names.
    named: bool,
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Voices {
    /// Every request is a new one, by whoever tells the story.
    One,
    /// Clients have names and number their requests, so that the same one can be made again.
    Clients,
}

/// One thing that somebody makes happen.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Move {
    /// Tells it from all others of the run. Zero is what the nodes do when they boot.
    id: u32,
    /// When, since the start of the run.
    at: Time,
    /// To whom.
    node: NodeId,
    what: Order,
}

/// What is made to happen to a node.
#[derive(Clone, PartialEq, Debug)]
enum Order {
    /// A message arrives; it may arrive again later.
    Deliver { letter: Letter, name: Option<&'static str>, again: bool },
    /// A timer runs out.
    Fire { timer: String },
    /// A client asks for something.
    Ask { client: ClientId, number: u64, request: Phrase },
    /// The node crashes, now or in its next step.
    Crash(CrashMoment),
    /// It starts again.
    Restart,
    /// Its disk is emptied.
    Wipe,
    /// Its clocks gain so many millionths.
    Drift(i32),
    /// Its wall clock is set by so many nanoseconds.
    Jump(i64),
}

/// A message, by what sent it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Letter {
    /// The move that led to it.
    by: u32,
    from: NodeId,
    to: NodeId,
    /// Which of those that this move led to on this way, from 0.
    nth: u32,
}

/// What came of following moves.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    /// The moves that could be made, by their positions.
    made: Vec<usize>,
    /// The invariant that broke.
    broken: Option<&'static str>,
    /// The commands that tell them, if they were to be told.
    told: Vec<String>,
    /// The first move that could not be made, and why.
    left_out: Option<String>,
}

/// Why a run cannot be told as a scenario.
#[derive(Clone, PartialEq, Debug)]
pub enum Untold {
    /// Nothing broke in it.
    Unbroken,
    /// Something in it has no words in the language.
    Unsaid {
        /// What, and why.
        what: String,
    },
    /// The cluster line is refused.
    Cluster(Problem),
    /// Its messages, timers and requests in the same order do not break the invariant that it broke.
    Otherwise {
        /// The invariant.
        invariant: String,
        /// What they break instead.
        instead: Option<&'static str>,
        /// The first of them that cannot be made, and why.
        left_out: Option<String>,
    },
    /// The scenario as it was written does not do what it says.
    Script(ScriptError),
}

impl fmt::Display for Untold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Untold::Unbroken => {
                write!(f, "no invariant broke in the run: a schedule can show what happens, but not what never does")
            }
            Untold::Unsaid { what } => write!(f, "{what}"),
            Untold::Cluster(problem) => write!(f, "such a cluster cannot be set up in a scenario: {problem}"),
            Untold::Otherwise { invariant, instead, left_out } => {
                match instead {
                    Some(instead) => {
                        write!(f, "told message by message, the run breaks {instead} before it breaks {invariant}")?;
                    }
                    None => write!(
                        f,
                        "told message by message, the run does not break {invariant}: its cluster line may not say all that matters"
                    )?,
                }
                match left_out {
                    Some(left_out) => write!(f, "; the first command that cannot be done: {left_out}"),
                    None => Ok(()),
                }
            }
            Untold::Script(error) => write!(f, "the scenario as written does not do what it says: {error}"),
        }
    }
}

impl std::error::Error for Untold {}

impl Schedule {
    /// How many commands it takes, besides letting time pass.
    pub fn len(&self) -> usize {
        self.moves.len()
    }

    /// Whether nothing needs to be done.
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

    /// The same, in which every client asks for itself: for invariants about what each of them is answered.
    #[must_use]
    pub fn with_clients(self) -> Self {
        Schedule { voices: Voices::Clients, named: true, ..self }
    }

    /// The cluster line that sets the stage for it.
    fn stage(&self) -> Phrase {
        let mut cluster = self.cluster.clone();
        if self.voices == Voices::Clients {
            cluster = cluster.option("clients", self.names.clients().join(","));
        }
        // Where only the order matters, a picture is easier to read if something happens at each instant.
        cluster.option("pace", if self.timed { "0ms" } else { "1ms" })
    }
}
