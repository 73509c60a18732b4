//! Wire protocol between the grader and an answer's process.
//!
//! The grader writes a question on one line, the answer's process writes one line back. Both are
//! JSON after a few words:
//!
//! ```text
//! 7 12 - 3,4 executed ["c1 #2",30]        the 7th question: `executed`, to state 12; states 3 and 4 are not needed any more
//! ␁7 done null                            the answer to it
//! ```
//!
//! Output printed by an answer goes the same way. Such lines are recognised by the missing mark at
//! their beginning.

use quorate_protocol::{Delay, Duration, Machine, NodeId, RequestId, Rule, Ruling, Time};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// First character of every line that is an answer, not printed output.
pub const MARK: char = '\u{1}';

/// Version of the wire protocol. A program with another version must be rebuilt.
pub const VERSION: u32 = 1;

/// Greeting of a program, sent before the first question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Greeting {
    /// Protocol version: [`VERSION`].
    pub version: u32,
    /// Exercise that it answers.
    pub exercise: String,
    /// Names of the learner's decisions, for an exercise about decisions.
    pub given: Vec<String>,
}

/// Question to an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question<'a> {
    /// Question number.
    pub number: u64,
    /// State that the question is about; 0 if none.
    pub state: u64,
    /// State of which a new state is a copy.
    pub from: Option<u64>,
    /// States that are no longer needed, by number.
    pub gone: &'a str,
    /// Kind of the question.
    pub what: &'a str,
    /// Arguments, as JSON.
    pub given: &'a str,
}

impl<'a> Question<'a> {
    /// Parses a line.
    pub fn read(line: &'a str) -> Option<Self> {
        let mut words = line.splitn(6, ' ');
        let number = words.next()?.parse().ok()?;
        let state = words.next()?.parse().ok()?;
        let from = match words.next()? {
            "-" => None,
            from => Some(from.parse().ok()?),
        };
        Some(Question { number, state, from, gone: words.next()?, what: words.next()?, given: words.next()? })
    }

    /// Numbers of the states that are no longer needed.
    pub fn gone(&self) -> impl Iterator<Item = u64> + use<'a> {
        self.gone.split(',').filter_map(|state| state.parse().ok())
    }
}

/// Conversion of a value to its wire form, where that differs from its own serde form.
pub trait WireForm: Sized {
    /// Type of the wire form.
    type As: Serialize + DeserializeOwned;

    /// Converts to the wire form.
    fn to_wire(&self) -> Self::As;

    /// Converts from the wire form; `None` if the form represents no such value.
    fn from_wire(form: Self::As) -> Option<Self>;
}

/// Implements `WireForm` for types that are their own wire form.
macro_rules! is_wire_form {
    ($($type:ty),+ $(,)?) => {
        $(impl $crate::wire::WireForm for $type {
            type As = Self;

            fn to_wire(&self) -> Self {
                self.clone()
            }

            fn from_wire(form: Self) -> Option<Self> {
                Some(form)
            }
        })+
    };
}
pub(crate) use is_wire_form;

is_wire_form!(bool, i64, u32, u64, usize, NodeId, Time, Duration, RequestId);

/// A list of none or one: in JSON, `Some(None)` of a nested option could not be told from `None`.
impl<T: WireForm> WireForm for Option<T> {
    type As = Vec<T::As>;

    fn to_wire(&self) -> Self::As {
        self.iter().map(T::to_wire).collect()
    }

    fn from_wire(form: Self::As) -> Option<Self> {
        match <[T::As; 1]>::try_from(form) {
            Ok([form]) => T::from_wire(form).map(Some),
            Err(form) => form.is_empty().then_some(None),
        }
    }
}

impl<T: WireForm> WireForm for Vec<T> {
    type As = Vec<T::As>;

    fn to_wire(&self) -> Self::As {
        self.iter().map(T::to_wire).collect()
    }

    fn from_wire(form: Self::As) -> Option<Self> {
        form.into_iter().map(T::from_wire).collect()
    }
}

impl<R: Rule> WireForm for Ruling<R> {
    type As = (bool, String);

    fn to_wire(&self) -> (bool, String) {
        match self {
            Ruling::Allow(rule) => (true, rule.id().to_owned()),
            Ruling::Refuse(rule) => (false, rule.id().to_owned()),
        }
    }

    fn from_wire((allows, id): (bool, String)) -> Option<Self> {
        let rule = rule(&id)?;
        Some(if allows { Ruling::Allow(rule) } else { Ruling::Refuse(rule) })
    }
}

impl WireForm for Delay {
    type As = (Duration, Duration);

    fn to_wire(&self) -> (Duration, Duration) {
        (Delay::min(*self), Delay::max(*self))
    }

    fn from_wire((min, max): (Duration, Duration)) -> Option<Self> {
        (min <= max).then(|| (min..max).into())
    }
}

/// Returns the rule of that name.
pub fn rule<R: Rule>(id: &str) -> Option<R> {
    R::ALL.iter().copied().find(|rule| rule.id() == id)
}

/// Boot arguments of a machine. `C` is the wire form of its configuration, `R` that of its records.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Boot<C, R> {
    /// Names of nodes and clients.
    pub names: (Vec<String>, Vec<String>),
    /// Id of this node.
    pub node: u32,
    /// Monotonic and wall-clock readings.
    pub now: (Time, Time),
    /// Whether explanations (`why`) are wanted.
    pub explaining: bool,
    /// Configuration, the same for all nodes.
    pub config: C,
    /// Records on its disk.
    pub records: Vec<R>,
}

/// Step of a machine.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Step<I> {
    /// Monotonic and wall-clock readings.
    pub now: (Time, Time),
    /// Whether explanations (`why`) are wanted.
    pub explaining: bool,
    /// Input of the step.
    pub input: I,
}

/// Input of a machine.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Happens<M: Machine> {
    /// Message delivery.
    Deliver(NodeId, M::Message),
    /// Timer expiry.
    Fire(M::Timer),
    /// Client request.
    Request(RequestId, M::Command),
}

/// Effects of a machine, with the rule that caused them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Reason<M: Machine> {
    /// Name of the rule.
    pub rule: String,
    /// Explanation, one sentence.
    pub why: String,
    /// Effects.
    pub does: Vec<Does<M>>,
}

/// Effect.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Does<M: Machine> {
    /// Sends a message.
    Send(NodeId, M::Message),
    /// Writes a record to disk.
    Persist(M::Record),
    /// Arms a timer, with its minimum and maximum delay.
    Arm(M::Timer, (Duration, Duration)),
    /// Disarms a timer.
    Disarm(M::Timer),
    /// Emits a fact.
    Learn(M::Fact),
    /// Answers a client.
    Reply(RequestId, M::Reply),
}

#[cfg(test)]
mod tests {
    use quorate_locks::{AttemptId, LockValue};

    use super::*;

    /// A fixed value is written as nothing, which is not the same as no value.
    #[test]
    fn a_value_that_is_written_as_nothing_is_there_all_the_same() {
        let unique = LockValue::Unique(AttemptId { owner: NodeId(1), number: 3 });
        for value in [None, Some(LockValue::Fixed), Some(unique)] {
            let json = serde_json::to_string(&value.to_wire()).unwrap();
            let form = serde_json::from_str(&json).unwrap();
            assert_eq!(Option::<LockValue>::from_wire(form), Some(value), "{json}");
        }
        assert_eq!(Option::<LockValue>::from_wire(vec![None, None]), None, "two values");
    }
}
