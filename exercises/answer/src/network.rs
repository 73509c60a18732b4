//! Small machines about network and time: what the learner writes of them, and how it is asked.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use quorate_protocol::NodeId;
pub use quorate_protocol::{ClientId, Ticket};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::serve::Answers;
use crate::wire::Question;

/// What to do with a call that has arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Call {
    /// Do what it asks for: that has not been done.
    Execute,
    /// Give this answer, once more.
    Repeat(u64),
    /// Say nothing: nobody waits for an answer any more.
    Ignore,
}

/// What a server remembers of the calls that it has executed. At first, and after a restart, it is the default.
pub trait Memory: Default + Clone + Send + 'static {
    /// A call has arrived, perhaps not for the first time.
    fn arrived(&self, ticket: Ticket) -> Call;

    /// A call has been executed, and this was its answer. After a restart the server tells of all earlier ones again, in order.
    fn executed(&mut self, ticket: Ticket, answer: u64);
}

/// When something happened, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// What the clock of the node gave it.
    pub time: u64,
    /// The node.
    pub node: NodeId,
}

/// A node's clock. It counts events, and knows nothing of seconds.
pub trait Clock: Default + Clone + Send + 'static {
    /// Something happens at this node: what time is it?
    fn tick(&mut self) -> u64;

    /// A message leaves: what time is that? The message carries it along.
    fn send(&mut self) -> u64;

    /// A message arrives that carries this time: what time is it now?
    fn receive(&mut self, carried: u64) -> u64;

    /// Whether of two different stamps the first comes before the second in the one order of all events.
    fn before(a: Stamp, b: Stamp) -> bool;
}

/// When enough have answered.
pub trait Quorum: 'static {
    /// Whether those who were heard make a quorum of the members. `heard` names whoever answered, in order; some perhaps twice, some
    /// perhaps no members.
    fn is_quorum(members: &[NodeId], heard: &[NodeId]) -> bool;

    /// How many members may be down, whichever they are, so that the others still make a quorum. There is one member at least.
    fn may_fail(members: usize) -> usize;
}

/// What a call asks the server for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Operation {
    /// To set something: twice is as good as once.
    Set,
    /// To add something: twice is too much.
    Add,
}

/// What the caller saw of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Attempt {
    /// The server has executed it, and answered.
    Answered,
    /// The server was busy: it has answered that it did not execute this attempt, and will not.
    Refused,
    /// No answer came in time.
    TimedOut,
}

/// The final outcome of a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Report {
    /// It was executed.
    Done,
    /// It was not executed, and it never will be.
    NotDone,
    /// It may have been executed, or may yet be, or not.
    Unknown,
}

/// How a caller goes about its calls.
pub trait Caller: 'static {
    /// Whether to make a call again that has been attempted before, always without an answer that it was executed.
    fn asks_again(operation: Operation, attempts: &[Attempt]) -> bool;

    /// What to say of a call that is not made again.
    fn report(attempts: &[Attempt]) -> Report;
}

/// The answer: a server with this memory.
pub fn at_most_once<T: Memory>() -> impl Answers {
    AtMostOnce::<T>(States::default())
}

/// The answer: this clock, for everybody.
pub fn lamport_clock<T: Clock>() -> impl Answers {
    LamportClock::<T>(States::default())
}

/// The answer: a cluster that waits for these quorums.
pub fn majority<T: Quorum>() -> impl Answers {
    Majority::<T>(PhantomData)
}

/// The answer: a desk that goes about its calls like this.
pub fn retry_safely<T: Caller>() -> impl Answers {
    RetrySafely::<T>(PhantomData)
}

/// States of the learner's, by the numbers that the grader gives them. Each is in a run of its own, with names of its own.
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
    /// The state that a question is put to. One that nobody knows yet is as at first.
    pub(crate) fn of(&mut self, question: &Question<'_>) -> &mut S {
        for gone in question.gone() {
            self.0.remove(&gone);
        }
        if let Some(from) = question.from {
            // It may have been copied before anybody asked it anything.
            let copy = self.0.get(&from).cloned().unwrap_or_default();
            self.0.insert(question.state, copy);
        }
        self.0.entry(question.state).or_default()
    }
}

/// Reads what a question is about.
pub(crate) fn given<T: DeserializeOwned>(question: &Question<'_>) -> Option<T> {
    serde_json::from_str(question.given).ok()
}

/// Writes an answer.
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
