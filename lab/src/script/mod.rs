//! Scenario language: golden scripts that document a run, test it, and draw its diagram.
//!
//! A scenario is a text file. Prose follows `#`; its first line is the title. Commands set up a
//! cluster, let time pass, inject faults and state expectations. After each block of them comes a
//! line `---`, and below it the output of the block.
//!
//! ```text
//! # A value is chosen
//! #
//! # Three nodes play every role. One of them proposes, and a majority accepts (Paxos Made Simple §2.2).
//!
//! cluster paxos nodes=3
//! propose n1 blue
//! run
//! expect chosen blue
//! show lanes
//! ---
//! …
//! ```
//!
//! [`run_scenario`] runs a scenario and returns [the result](RunResult): the text with fresh
//! output, the first difference from the stored output, the trace, and the number of times each
//! rule was cited. Any error in a scenario is a [`ScriptError`], with its line, the expected syntax
//! and a suggestion.
//!
//! The commands that every protocol has are [`COMMANDS`], the assertions for `expect` and `until`
//! are [`ASSERTIONS`]. A [`Protocol`] adds its own; a [`Registry`] lists the protocols that a
//! `cluster` line may name.
//!
//! # Syntax of a line
//!
//! A line is a command and its arguments: words, and options such as `loss=5%` in any order. A word
//! that contains a space, a quote or a leading `#` needs quotes. A `!` before a command means that
//! it must fail; its error becomes the output. Parentheses around a command suppress its output.
//!
//! # Time and clients
//!
//! Nothing happens until time passes: `run`, `step`, `until` and `fire` advance it. Faults are the
//! exception; they take effect at once. A command that would take thousands of events is stopped
//! with an error. Everything else that could grow without end is bounded as well: a text, a word,
//! the output; [`TEXT_MAX`] and the constants beside it are the limits.
//!
//! Without named clients, requests reach their node and are answered at once, past the network, by
//! a default client that neither waits nor retries. `clients=c1,c2` adds clients to the scenario:
//! then requests and answers travel like all messages, and a client sends one request after the
//! other, retries if there is no answer, and gives up in the end. Without `client=` the first of
//! them sends the request.
//!
//! # Manual mode
//!
//! `pace=1ms` on the cluster line makes a scenario manual: every message waits for its `deliver`
//! and every timer for its `fire`, and each of these, like each request, takes that long. Requests
//! are answered at once, and `ticket=N` gives one its number among those of its client: the same
//! number again is the same request again. That is the form in which [a failing run is
//! exported](Schedule). `again` repeats the scenario so far under the papers' rules.
//!
//! # Step by step
//!
//! An [`InteractiveRun`] performs one line after the other, with the errors and the output of a
//! scenario, and can be looked at in between: its [`Snapshot`] has what is under way and what can
//! happen next.
//!
//! # Message filters
//!
//! `hold`, `drop`, `delay` and `duplicate` are filters for messages between two nodes, or between
//! a client and a node, by the name of the message, request or reply; the newest matching filter
//! decides. They apply to messages that are sent from then on. A single message that is under way
//! is the subject of `inflight`. `forge` changes what the next matching message says, before a
//! filter sees it; `release` lets held messages be delivered and ends the `hold`
//! filters that it covers; `pass` ends the other filters. A message that a partition or a cut link
//! stops is lost before any filter sees it.

mod args;
mod assertion;
mod bounds;
mod by_hand;
mod cluster;
mod command_line;
mod deliver;
mod difference;
mod dyn_run;
mod expect;
mod faults;
mod fields;
mod filters;
mod forge;
mod initial_state;
mod interactive;
mod interpreter;
mod line;
mod pattern;
mod problem;
mod protocol;
mod run_result;
mod scenario_run;
mod schedule;
mod show;
mod snapshot;
mod source;
mod time;
mod under_way;
mod usage;
mod variants;
mod violation;
mod wanted;

#[cfg(test)]
mod tests;

pub use args::Args;
pub use assertion::Assertion;
pub use bounds::{LOOKED_AT_MAX, PRINTED_MAX, TEXT_MAX, VALUE_MAX, WORD_MAX};
pub use cluster::combined;
pub use command_line::CommandLine;
pub use difference::Difference;
pub use interactive::{InteractiveRun, ScenarioLine, ScenarioLines};
pub use problem::{ScriptError, ScriptProblem, shown};
pub use protocol::{
    ClusterSpec, EventNames, OwnConfigs, Protocol, ProtocolAssertion, Registry, RegistryEntry, RulebookOf,
    ScenarioRequest,
};
pub use run_result::{Remark, RunResult, ScenarioFailure, run_scenario, story, title};
pub use scenario_run::RunOptions;
pub use schedule::{ExportError, Minimised, ScenarioHeader, ScenarioText, Schedule};
pub use snapshot::{InvariantState, MessageKind, MessageUnderWay, NodeState, Snapshot, TimerState};
pub use usage::{ASSERTIONS, COMMANDS, Usage};

/// Suggestion for a mistyped name: the candidate most similar to the word, if one is close.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    crate::trace::nearest::nearest(word, candidates)
}
