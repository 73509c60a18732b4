//! The exercises on network and time: a trait for each, which the learner implements, and the loop
//! that answers the grader's questions about that implementation.
//!
//! The grader is another process. It asks for one call at a time, by the name of the method, and
//! names the state before it by a number.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use quorate_protocol::NodeId;
pub use quorate_protocol::{ClientId, RequestId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::serve::Answers;
use crate::wire::Question;

/// Action for a call that has arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Call {
    /// Execute the call, which has not been executed yet.
    Execute,
    /// Send this answer again.
    Repeat(u64),
    /// Send no answer: the caller no longer waits for one.
    Ignore,
}

/// A server's record of executed calls. The default value is its initial state, also after a
/// restart.
pub trait Memory: Default + Clone + Send + 'static {
    /// Decides on a call that has arrived, perhaps not for the first time.
    fn arrived(&self, ticket: RequestId) -> Call;

    /// Records an executed call and its answer. After a restart the server replays all earlier
    /// ones, in order.
    fn executed(&mut self, ticket: RequestId, answer: u64);
}

/// Timestamp of an event, with its node.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// Time assigned by the clock of the node.
    pub time: u64,
    /// Node of the event.
    pub node: NodeId,
}

/// Logical clock of a node. It counts events, and knows nothing of seconds.
pub trait Clock: Default + Clone + Send + 'static {
    /// Returns the time of a local event.
    fn tick(&mut self) -> u64;

    /// Returns the time of sending a message. The message carries this time.
    fn send(&mut self) -> u64;

    /// Returns the time of receiving a message that carries the time `carried`.
    fn receive(&mut self, carried: u64) -> u64;

    /// Whether stamp `a` comes before a different stamp `b` in the total order of all events.
    fn before(a: Stamp, b: Stamp) -> bool;
}

/// Quorum system.
pub trait Quorum: 'static {
    /// Whether the nodes heard from form a quorum of the members. `heard` lists the answers in
    /// order; it may contain duplicates and nodes that are not members.
    fn is_quorum(members: &[NodeId], heard: &[NodeId]) -> bool;

    /// Number of members, whichever they are, that may fail while the others still form a quorum.
    /// There is at least one member.
    fn may_fail(members: usize) -> usize;
}

/// Operation requested by a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Operation {
    /// Set a value: idempotent.
    Set,
    /// Add to a value: not idempotent.
    Add,
}

/// Outcome of an attempt as seen by the caller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Attempt {
    /// The server has executed the call, and answered.
    Answered,
    /// The server was busy: it answered that it did not execute this attempt, and never will.
    Refused,
    /// No answer arrived in time.
    TimedOut,
}

/// Final outcome of a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Report {
    /// The call was executed.
    Done,
    /// The call was not executed, and never will be.
    NotDone,
    /// The call may have been executed, or may yet be, or not.
    Unknown,
}

/// Retry policy of a caller.
pub trait Caller: 'static {
    /// Whether to retry a call that has been attempted before, always without an answer that it was
    /// executed.
    fn asks_again(operation: Operation, attempts: &[Attempt]) -> bool;

    /// Outcome to report for a call that is not retried.
    fn report(attempts: &[Attempt]) -> Report;
}

/// Hands in a server with this memory.
pub fn at_most_once<T: Memory>() -> impl Answers {
    AtMostOnce::<T>(States::default())
}

/// Hands in this clock, used by all nodes.
pub fn lamport_clock<T: Clock>() -> impl Answers {
    LamportClock::<T>(States::default())
}

/// Hands in a cluster with these quorums.
pub fn majority<T: Quorum>() -> impl Answers {
    Majority::<T>(PhantomData)
}

/// Hands in a caller with this retry policy.
pub fn retry_safely<T: Caller>() -> impl Answers {
    RetrySafely::<T>(PhantomData)
}

/// The learner's states, by numbers that the grader assigns. Each belongs to one run, with names of
/// its own.
pub(crate) struct States<S>(BTreeMap<u64, S>);

impl<S> Default for States<S> {
    fn default() -> Self {
        States(BTreeMap::new())
    }
}

impl<S> fmt::Debug for States<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("States").field(&self.0.len()).finish()
    }
}

impl<S: Default + Clone> States<S> {
    /// Returns the state that a question is about. An unknown state is a new one.
    pub(crate) fn of(&mut self, question: &Question<'_>) -> &mut S {
        for gone in question.gone() {
            self.0.remove(&gone);
        }
        if let Some(from) = question.from {
            // The original is unknown if no question was asked of it before it was copied.
            let copy = self.0.get(&from).cloned().unwrap_or_default();
            self.0.insert(question.state, copy);
        }
        self.0.entry(question.state).or_default()
    }
}

/// Parses the arguments of a question.
pub(crate) fn given<T: DeserializeOwned>(question: &Question<'_>) -> Option<T> {
    serde_json::from_str(question.given).ok()
}

/// Serialises an answer.
pub(crate) fn told(answer: &impl Serialize) -> Option<String> {
    serde_json::to_string(answer).ok()
}

struct AtMostOnce<T>(States<T>);

impl<T: Memory> Answers for AtMostOnce<T> {
    fn answer(&mut self, question: &Question<'_>) -> Option<String> {
        let memory = self.0.of(question);
        match question.what {
            "arrived" => told(&memory.arrived(given(question)?)),
            "executed" => {
                let (ticket, answer) = given(question)?;
                memory.executed(ticket, answer);
                told(&())
            }
            _ => None,
        }
    }
}

struct LamportClock<T>(States<T>);

impl<T: Clock> Answers for LamportClock<T> {
    fn answer(&mut self, question: &Question<'_>) -> Option<String> {
        if question.what == "before" {
            let (a, b) = given(question)?;
            return told(&T::before(a, b));
        }
        let clock = self.0.of(question);
        match question.what {
            "tick" => told(&clock.tick()),
            "send" => told(&clock.send()),
            "receive" => told(&clock.receive(given(question)?)),
            _ => None,
        }
    }
}

struct Majority<T>(PhantomData<T>);

impl<T: Quorum> Answers for Majority<T> {
    fn answer(&mut self, question: &Question<'_>) -> Option<String> {
        match question.what {
            "is_quorum" => {
                let (members, heard): (Vec<NodeId>, Vec<NodeId>) = given(question)?;
                told(&T::is_quorum(&members, &heard))
            }
            "may_fail" => told(&T::may_fail(given(question)?)),
            _ => None,
        }
    }
}

struct RetrySafely<T>(PhantomData<T>);

impl<T: Caller> Answers for RetrySafely<T> {
    fn answer(&mut self, question: &Question<'_>) -> Option<String> {
        match question.what {
            "asks_again" => {
                let (operation, attempts): (Operation, Vec<Attempt>) = given(question)?;
                told(&T::asks_again(operation, &attempts))
            }
            "report" => {
                let attempts: Vec<Attempt> = given(question)?;
                told(&T::report(&attempts))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Counter(u64);

    impl Clock for Counter {
        fn tick(&mut self) -> u64 {
            self.0 += 1;
            self.0
        }

        fn send(&mut self) -> u64 {
            self.tick()
        }

        fn receive(&mut self, carried: u64) -> u64 {
            self.0 = self.0.max(carried);
            self.tick()
        }

        fn before(a: Stamp, b: Stamp) -> bool {
            (a.time, a.node) < (b.time, b.node)
        }
    }

    #[test]
    fn a_copy_goes_its_own_way_also_of_a_state_that_was_never_asked_anything() {
        let mut clocks = lamport_clock::<Counter>();
        let mut ask = |line: &str| Question::read(line).and_then(|question| clocks.answer(&question));
        for (line, answer) in [
            ("1 1 - - tick null", "1"),
            ("2 2 1 - tick null", "2"),
            ("3 1 - - receive 7", "8"),
            ("4 4 3 - tick null", "1"),
            ("5 2 - 1 tick null", "3"),
            ("6 1 - - tick null", "1"),
        ] {
            assert_eq!(ask(line).as_deref(), Some(answer), "{line}");
        }
    }
}
