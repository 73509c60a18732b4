//! Responses, as JSON says them. A field that is absent has not changed.

use quorate_lab::trace::Value;
use quorate_protocol::InvariantSummary;
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::error::SessionError;
use crate::saving::Saved;

/// Response to a request.
#[derive(Clone, Default, Debug, Serialize)]
pub struct Response {
    /// Whether the request was carried out.
    pub ok: bool,
    /// The reason why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Trouble>,
    /// A remark on what was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// The change of the trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<TracePatch>,
    /// The epochs of leadership.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reigns: Option<Value>,
    /// The prose of the scenario, by place in the trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapters: Option<Vec<Chapter>>,
    /// The invariants that are checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invariants: Option<Vec<InvariantSummary>>,
    /// The state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Box<State>>,
    /// A scenario file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// All branches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved: Option<Saved>,
    /// Protocols and scenarios.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<Catalogue>,
    /// The run of another branch, and where it parts from this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compare: Option<Comparison>,
}

impl Response {
    /// The response to a request that is refused.
    pub(crate) fn refusal(error: &SessionError) -> Self {
        let trouble = Trouble { says: error.to_string(), line: error.line() };
        Response { error: Some(trouble), ..Response::default() }
    }
}

/// The reason why a request is refused.
#[derive(Clone, Debug, Serialize)]
pub struct Trouble {
    /// The problem, and its remedy.
    pub says: String,
    /// The line of the file, or the number of the command, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// A change of the trace that the last response left.
#[derive(Clone, Default, Debug, Serialize)]
pub struct TracePatch {
    /// Number of events to keep.
    pub keep: usize,
    /// The header, if it has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The events to append, a line each.
    pub lines: Vec<String>,
}

/// A part of the story of a run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Chapter {
    /// Index of the event at which it begins.
    pub at: usize,
    /// Its text.
    pub text: String,
}

/// The run of another branch beside this one.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The name of the other branch.
    pub branch: String,
    /// Its whole trace.
    pub trace: TracePatch,
    /// Its epochs of leadership.
    pub reigns: Value,
    /// Index of the first event of this run that differs; `None` if none does.
    pub at: Option<usize>,
    /// The same in the other run.
    pub at_right: Option<usize>,
    /// Where they part, in words.
    pub says: String,
}

/// State of a session.
#[derive(Clone, Debug, Serialize)]
pub struct State {
    /// The title of the scenario.
    pub title: String,
    /// The protocol.
    pub protocol: String,
    /// The seed.
    pub seed: Option<u64>,
    /// The time of the run, in nanoseconds.
    pub now: u64,
    /// Whether messages and timers wait for commands.
    pub manual: bool,
    /// The current branch.
    pub branch: String,
    /// All branches.
    pub branches: Vec<BranchState>,
    /// The commands of the branch.
    pub commands: Vec<CommandState>,
    /// Number of commands that were performed.
    pub at: usize,
    /// Number of steps of the next command that were performed, if the place is inside of it.
    pub steps: Option<u64>,
    /// Number of events of the trace.
    pub events: usize,
    /// Whether there is a command to take back.
    pub can_undo: bool,
    /// Whether there is one to perform again.
    pub can_redo: bool,
    /// Whether the trace is that of the repetition by `again`.
    pub again: bool,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The clients.
    pub clients: Vec<String>,
    /// The messages that are in flight or held.
    pub in_flight: Vec<Message>,
    /// The armed timers.
    pub timers: Vec<Timer>,
    /// The links that deliver nothing.
    pub cuts: Vec<[String; 2]>,
    /// The message filters, as commands.
    pub filters: Vec<String>,
    /// The invariants.
    pub invariants: Vec<Invariant>,
    /// The violation that has ended the run.
    pub violation: Option<Violation>,
    /// The possible next actions.
    pub actions: Vec<Action>,
}

/// A branch, in short.
#[derive(Clone, Debug, Serialize)]
pub struct BranchState {
    /// Its name.
    pub name: String,
    /// The branch that it began from.
    pub parent: Option<String>,
    /// Number of commands that it shares with that one.
    pub at: usize,
    /// Number of commands.
    pub commands: usize,
    /// The invariant that its run was last seen to break.
    pub violation: Option<String>,
}

/// A command of the branch.
#[derive(Clone, Debug, Serialize)]
pub struct CommandState {
    /// The line.
    pub line: String,
    /// Number of events of the trace after it, as far as known.
    pub events: Option<usize>,
}

/// State of a node.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// `up`, `paused` or `down`.
    pub status: &'static str,
    /// The rule of the zoo that it uses.
    pub rules: Option<String>,
    /// Its lie, if it is a liar.
    pub lie: Option<String>,
    /// The lies that it can be given.
    pub lies: Vec<String>,
    /// The readings of its clocks.
    pub clock: ClockReading,
}

/// Readings of a node's clocks, in nanoseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ClockReading {
    /// The monotonic clock.
    pub monotonic: u64,
    /// The wall clock.
    pub wall: u64,
}

/// A message in flight or held.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// Its id in the trace.
    pub id: u64,
    /// The sender.
    pub from: String,
    /// The receiver.
    pub to: String,
    /// `message`, `request` or `reply`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its content.
    pub body: Value,
    /// The time at which it was sent, in nanoseconds.
    pub sent: Option<u64>,
    /// The time at which it arrives; `None` if it is held.
    pub due: Option<u64>,
    /// The words that select it after `inflight drop` and the like.
    pub select: Option<String>,
}

/// An armed timer.
#[derive(Clone, Debug, Serialize)]
pub struct Timer {
    /// The node.
    pub node: String,
    /// Its name.
    pub name: String,
    /// The time at which it was armed, in nanoseconds.
    pub armed: Option<u64>,
    /// The time at which it fires, in nanoseconds.
    pub due: u64,
}

/// State of an invariant.
#[derive(Clone, Debug, Serialize)]
pub struct Invariant {
    /// Its name.
    pub name: &'static str,
    /// Whether it has held so far.
    pub holds: bool,
    /// The contradiction, if it has ended the run.
    pub says: Option<String>,
}

/// The violation that has ended the run.
#[derive(Clone, Debug, Serialize)]
pub struct Violation {
    /// The invariant.
    pub invariant: &'static str,
    /// The contradiction.
    pub says: String,
    /// Index of the event in the trace.
    pub event: Option<usize>,
}

/// Something that can be done next.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Action {
    /// The command for `perform`.
    pub line: String,
    /// Its effect, in a few words.
    pub says: String,
    /// Its subject.
    pub on: On,
}

/// Subject of an action.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// A node.
    Node(String),
    /// A message, by its id.
    Message(u64),
    /// A timer.
    Timer {
        /// The node.
        node: String,
        /// Its name.
        name: String,
    },
    /// A link from one node to another.
    Link([String; 2]),
    /// The whole cluster.
    Cluster,
}
