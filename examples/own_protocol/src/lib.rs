//! Two-phase commit as a pure state machine, with its rules, its invariant and its scenarios.
//!
//! | file | what it holds | to do for another protocol |
//! |---|---|---|
//! | `rules.rs` | the rules that traces cite, and the decisions that can be replaced | name those of the paper |
//! | `message.rs` | messages, timers, requests, replies, facts and records | name those of the paper |
//! | `machine.rs` | the machine: what a node does with each input | write it anew |
//! | `invariant.rs` | the property checked after every step | state what the protocol promises |
//! | `script.rs` | its commands in scenarios | replace requests and assertions |
//! | `tests.rs` | random runs, a search of every schedule, a scenario | set the goals |
//! | `main.rs` | one run, drawn | choose its requests and faults |

mod invariant;
mod machine;
mod message;
mod rules;
mod script;
#[cfg(test)]
mod tests;

pub use invariant::Atomicity;
pub use machine::{COORDINATOR, Config, TwoPhaseCommit, View};
pub use message::{Command, Disk, Fact, Message, Outcome, Record, Reply, Timer};
pub use rules::{BY_THE_BOOK, CommitRule, HASTY, Rulebook};
pub use script::CommitScript;

use quorate::lab::sim::Setup;
use quorate::protocol::Names;

/// Setup of a cluster: a coordinator `boss`, these participants, and these clients.
pub fn setup(participants: &[&str], clients: &[&str]) -> Setup<TwoPhaseCommit> {
    let nodes = ["boss"].iter().chain(participants);
    let names = Names::new(nodes.copied(), clients.iter().copied());
    Setup::new("two-phase-commit", names, Config { participants: participants.len() as u32 })
}
