//! TLA+ export: the steps of a run as a module for TLC, which checks them against a specification
//! of the protocol (trace validation).
//!
//! The specifications are in `docs/specs`, which also describes how each event becomes a step. A
//! module is data: a sequence of records, each of which names an action of the specification and
//! its parameters. The module `PaxosTrace` (`RaftTrace`, `LeaseTrace`) requires that the
//! specification allows every step in the state reached by the previous steps.
//!
//! If a trace does not contain the parameters of an action (the node that requested the lease, the
//! constants of the cluster), a translator picks some that fit. That cannot make an incorrect run
//! pass: TLC accepts a run only if the specification allows *some* behaviour with these steps, and
//! the parameters are part of that behaviour.

mod lease;
mod paxos;
mod raft;
mod reading;
#[cfg(test)]
mod tests;
mod text;

use std::fmt;

use self::reading::Reading;
use self::text::{Expr, comment};
use super::TooLarge;
use crate::trace::{Document, EventId, Lane};

/// TLA+ specification that can check runs of one protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Specification {
    /// Single-decree Paxos.
    Paxos,
    /// Raft.
    Raft,
    /// Leases from one granter.
    Lease,
}

impl Specification {
    /// All specifications.
    pub const ALL: [Specification; 3] = [Specification::Paxos, Specification::Raft, Specification::Lease];

    /// Name of the protocol in a trace's header.
    pub const fn protocol(self) -> &'static str {
        match self {
            Specification::Paxos => "paxos",
            Specification::Raft => "raft",
            Specification::Lease => "lease",
        }
    }

    /// Name of the specification's module.
    pub const fn module(self) -> &'static str {
        match self {
            Specification::Paxos => "Paxos",
            Specification::Raft => "Raft",
            Specification::Lease => "Lease",
        }
    }

    /// Returns the specification for a protocol.
    ///
    /// # Errors
    /// [`TlaError::NoSpecification`] if there is none.
    pub fn of(protocol: &str) -> Result<Self, TlaError> {
        let found = Self::ALL.into_iter().find(|each| each.protocol() == protocol);
        found.ok_or_else(|| TlaError::NoSpecification { protocol: protocol.to_owned() })
    }
}

/// A trace that cannot be translated for TLC.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TlaError {
    /// There is no specification of the protocol.
    NoSpecification {
        /// The protocol.
        protocol: String,
    },
    /// An event lacks data that the specification needs.
    Unreadable {
        /// The event.
        event: EventId,
        /// The missing data.
        expected: &'static str,
    },
    /// A node's disk is restored from a backup.
    Restored {
        /// The event.
        event: EventId,
    },
    /// A message is forged.
    Forged {
        /// The event.
        event: EventId,
    },
    /// A machine is suspended.
    Suspended {
        /// The event.
        event: EventId,
    },
    /// A number exceeds the integers of TLC.
    NumberTooLarge {
        /// The event with the number.
        event: EventId,
        /// The number.
        number: u64,
    },
    /// There are too many steps for TLC to read.
    TooLarge(TooLarge),
}

impl fmt::Display for TlaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TlaError::NoSpecification { protocol } => {
                let known = Specification::ALL.map(Specification::protocol).join(", ");
                write!(f, "there is no TLA+ specification of '{protocol}'; there are specifications of {known}")
            }
            TlaError::Unreadable { event, expected } => {
                write!(f, "event {} cannot be translated for TLC: expected {expected}", event.get())
            }
            TlaError::Restored { event } => {
                let event = event.get();
                write!(f, "event {event} restores a disk from a backup, and the specifications know no backups")
            }
            TlaError::Forged { event } => {
                write!(f, "event {} forges a message, and the specifications know no liars", event.get())
            }
            TlaError::Suspended { event } => {
                let event = event.get();
                write!(f, "event {event} suspends a machine, and the clocks of the specification never stand still")
            }
            TlaError::NumberTooLarge { event, number } => {
                let largest = text::LARGEST;
                write!(f, "event {} has the number {number}, and the largest number of TLC is {largest}", event.get())
            }
            TlaError::TooLarge(too_large) => too_large.fmt(f),
        }
    }
}

impl std::error::Error for TlaError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            TlaError::TooLarge(too_large) => Some(too_large),
            _ => None,
        }
    }
}

impl From<TooLarge> for TlaError {
    fn from(too_large: TooLarge) -> Self {
        TlaError::TooLarge(too_large)
    }
}

/// TLC parses every step, and keeps all of them in memory.
const STEPS_MAX: usize = 50_000;

/// A run in terms of the specification.
struct Run {
    /// Constants, such as the roles of the nodes.
    constants: Vec<(&'static str, Expr)>,
    steps: Vec<Expr>,
}

/// Record of a step: the id of its event, the action, and its parameters.
fn step(event: EventId, action: &'static str, parameters: Vec<(&'static str, Expr)>) -> Expr {
    let named = [("event", Expr::Number(event.get())), ("action", Expr::Text(action))];
    Expr::Record(named.into_iter().chain(parameters).collect())
}

/// Returns the module `Run` with the steps of a trace, for TLC to read together with the
/// specification of the protocol.
///
/// # Errors
/// [`TlaError`] if there is no specification for the protocol, if an event lacks required data, and
/// beyond 50,000 steps.
///
/// ```
/// use quorate_lab::trace::{Document, export};
///
/// let file = r#"{"quorate_trace":1,"protocol":"paxos","nodes":["A","X"]}
/// {"id":1,"at":0,"kind":"boot","node":"A","incarnation":1,"state":{"proposer":{"stage":"idle"}}}
/// {"id":2,"at":0,"kind":"boot","node":"X","incarnation":1,"state":{"acceptor":{}}}
/// {"id":3,"at":5,"kind":"persist","node":"A","name":"Tried","body":{"ballot":"1.A"}}"#;
/// let module = export::tla(&Document::read_jsonl(file.as_bytes())?)?;
/// assert!(module.contains("EXTENDS PaxosTrace"));
/// assert!(module.contains(r#"[event |-> 3, action |-> "Begin", node |-> 1, ballot |-> <<1, 1>>]"#), "{module}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn tla(document: &Document) -> Result<String, TlaError> {
    let specification = Specification::of(&document.header.protocol)?;
    let reading = Reading::of(document);
    reading.shows_nodes()?;
    reading.restores_nothing()?;
    reading.forges_nothing()?;
    let run = match specification {
        Specification::Paxos => paxos::translate(reading)?,
        Specification::Raft => raft::translate(reading)?,
        Specification::Lease => lease::translate(reading)?,
    };
    super::at_most("TLC", "steps", run.steps.len(), STEPS_MAX)?;
    Ok(module(document, specification, &run))
}

fn module(document: &Document, specification: Specification, run: &Run) -> String {
    let header = &document.header;
    let mut text = String::from("--------------------------------- MODULE Run ---------------------------------\n");
    text.push_str(&format!("\\* {}\n", comment(&header.title)));
    for (index, lane) in header.lanes().filter(|lane| matches!(lane, Lane::Node(_))).enumerate() {
        text.push_str(&format!("\\* {} is {}\n", index + 1, comment(&header.name(lane))));
    }
    text.push_str(&format!("EXTENDS {}Trace\n\nRun == [\n", specification.module()));
    for (name, value) in &run.constants {
        text.push_str(&format!("  {name} |-> {value},\n"));
    }
    let steps: Vec<String> = run.steps.iter().map(|step| format!("    {step}")).collect();
    text.push_str(&format!("  steps |-> <<\n{}\n  >>]\n\nRuns == <<Run>>\n", steps.join(",\n")));
    text.push_str("===============================================================================\n");
    text
}
