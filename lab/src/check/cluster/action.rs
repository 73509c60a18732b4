//! Actions of a cluster: what may happen in one step.

use std::fmt;

use quorate_protocol::{Machine, NodeId, RequestId};

use super::state::State;
use crate::env::CrashPoint;
use crate::trace::{label, payload};

/// An action of a cluster. Positions refer to the state in which it is taken.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Action<M: Machine> {
    /// A node handles an input, and may crash while it does.
    Step {
        /// The node.
        node: NodeId,
        /// The input.
        stimulus: Stimulus<M>,
        /// The moment of the step at which it crashes, if it does.
        crash: Option<CrashPoint>,
    },
    /// The network loses the message at this position.
    Drop(usize),
    /// The network duplicates the message at this position.
    Duplicate(usize),
    /// A node crashes between two steps.
    Crash(NodeId),
    /// A crashed node restarts.
    Restart(NodeId),
    /// A node is paused: it does nothing until it resumes.
    Pause(NodeId),
    /// A paused node resumes.
    Resume(NodeId),
    /// Time advances by one tick.
    Tick,
    /// A node's wall clock is set.
    Jump {
        /// The node.
        node: NodeId,
        /// The change, in nanoseconds.
        nanos: i64,
    },
}

/// An input to a node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Stimulus<M: Machine> {
    /// The message at this position in the network.
    Message(usize),
    /// The oldest message from the node to itself.
    Own,
    /// The armed timer at this position.
    Timer(usize),
    /// A client's next request.
    Request {
        /// The client, and the number of its request.
        ticket: RequestId,
        /// The command.
        command: M::Command,
    },
}

impl<M: Machine> Action<M> {
    /// Describes the action in words, as taken in that state, by the names in scope.
    pub fn describe<I>(&self, state: &State<M, I>) -> String {
        Described { action: self, state }.to_string()
    }
}

struct Described<'a, M: Machine, I> {
    action: &'a Action<M>,
    state: &'a State<M, I>,
}

impl<M: Machine, I> Described<'_, M, I> {
    fn flight(&self, f: &mut fmt::Formatter<'_>, position: usize) -> fmt::Result {
        match self.state.network.get(position) {
            Some(flight) => {
                write!(f, "{} from {} to {}", in_words(&flight.message, "Message"), flight.from, flight.to)
            }
            None => write!(f, "message {position}"),
        }
    }

    fn step(&self, f: &mut fmt::Formatter<'_>, node: NodeId, stimulus: &Stimulus<M>) -> fmt::Result {
        let host = self.state.hosts.get(node.index()).map(|host| &***host);
        match stimulus {
            Stimulus::Message(position) => {
                write!(f, "deliver ")?;
                self.flight(f, *position)
            }
            Stimulus::Own => match host.and_then(|host| host.inbox.first()) {
                Some(message) => write!(f, "deliver {} from {node} to itself", in_words(message, "Message")),
                None => write!(f, "deliver a message from {node} to itself"),
            },
            Stimulus::Timer(position) => match host.and_then(|host| host.timers.get(*position)) {
                Some(armed) => write!(f, "fire {} on {node}", in_words(&armed.timer, "Timer")),
                None => write!(f, "fire timer {position} on {node}"),
            },
            Stimulus::Request { ticket, command } => {
                write!(f, "{} asks {node}: {}", ticket.client, in_words(command, "Request"))
            }
        }
    }
}

impl<M: Machine, I> fmt::Display for Described<'_, M, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action {
            Action::Step { node, stimulus, crash } => {
                self.step(f, *node, stimulus)?;
                match crash {
                    Some(moment) => write!(f, ", crash {node}{moment}"),
                    None => Ok(()),
                }
            }
            Action::Drop(position) => {
                write!(f, "drop ")?;
                self.flight(f, *position)
            }
            Action::Duplicate(position) => {
                write!(f, "duplicate ")?;
                self.flight(f, *position)
            }
            Action::Crash(node) => write!(f, "crash {node}"),
            Action::Restart(node) => write!(f, "restart {node}"),
            Action::Pause(node) => write!(f, "pause {node}"),
            Action::Resume(node) => write!(f, "resume {node}"),
            Action::Tick => write!(f, "tick"),
            Action::Jump { node, nanos } => write!(f, "set the wall clock of {node} by {nanos} ns"),
        }
    }
}

/// Formats a message, timer or command as in traces.
fn in_words<T: serde::Serialize>(value: &T, otherwise: &str) -> String {
    let payload = payload(value, otherwise);
    label(&payload.name, &payload.body)
}
