//! The form of questions and answers.
//!
//! The grader writes a question on a line, the answer's process writes one line back. Both are JSON behind a few words:
//!
//! ```text
//! 7 12 - 3,4 executed ["c1 #2",30]        the 7th question: `executed`, to state 12; states 3 and 4 are not needed any more
//! ␁7 done null                            the answer to it
//! ```
//!
//! What an answer prints goes the same way, and is known by what it lacks: the mark at the beginning of its line.

use quorate_protocol::{Delay, Duration, Machine, NodeId, Rule, Ruling, Ticket, Time};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What every line begins with that is an answer, and not something that was printed.
pub const MARK: char = '\u{1}';

/// What both sides speak. A learner's program that was built long ago is asked to be built anew.
pub const VERSION: u32 = 1;

/// What a program says of itself before it is asked anything.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Greeting {
    /// [`VERSION`].
    pub version: u32,
    /// The exercise that it answers.
    pub exercise: String,
    /// Which decisions are the learner's, if it is about decisions.
    pub given: Vec<String>,
}

/// A question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question<'a> {
    /// Its number.
    pub number: u64,
    /// The state that it is put to: 0 if that makes no difference.
    pub state: u64,
    /// The state that this one begins as a copy of.
    pub from: Option<u64>,
    /// States that nobody will ask any more, by their numbers.
    pub gone: &'a str,
    /// What is asked.
    pub what: &'a str,
    /// What it is asked about, as JSON.
    pub given: &'a str,
}

impl<'a> Question<'a> {
    /// Reads a line.
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

    /// The numbers of the states that are gone.
    pub fn gone(&self) -> impl Iterator<Item = u64> + use<'a> {
        self.gone.split(',').filter_map(|state| state.parse().ok())
    }
}

/// What a value looks like on the wire, if not as serde has it.
pub trait Form: Sized {
    /// Its form.
    type As: Serialize + DeserializeOwned;

    /// In that form.
    fn form(&self) -> Self::As;

    /// Out of that form; `None` if it is none of such a value.
    fn of(form: Self::As) -> Option<Self>;
}

/// What goes as it is.
macro_rules! as_it_is {
    ($($type:ty),+ $(,)?) => {
        $(impl $crate::wire::Form for $type {
            type As = Self;

            fn form(&self) -> Self {
                self.clone()
            }

            fn of(form: Self) -> Option<Self> {
                Some(form)
            }
        })+
    };
}
pub(crate) use as_it_is;

as_it_is!(bool, u64, usize, NodeId, Time, Duration, Ticket);

impl<T: Form> Form for Option<T> {
    type As = Option<T::As>;

    fn form(&self) -> Self::As {
        self.as_ref().map(T::form)
    }

    fn of(form: Self::As) -> Option<Self> {
        form.map_or(Some(None), |form| T::of(form).map(Some))
    }
}

impl<T: Form> Form for Vec<T> {
    type As = Vec<T::As>;

    fn form(&self) -> Self::As {
        self.iter().map(T::form).collect()
    }

    fn of(form: Self::As) -> Option<Self> {
        form.into_iter().map(T::of).collect()
    }
}

impl<R: Rule> Form for Ruling<R> {
    type As = (bool, String);

    fn form(&self) -> (bool, String) {
        match self {
            Ruling::Allow(rule) => (true, rule.id().to_owned()),
            Ruling::Refuse(rule) => (false, rule.id().to_owned()),
        }
    }

    fn of((allows, id): (bool, String)) -> Option<Self> {
        let rule = rule(&id)?;
        Some(if allows { Ruling::Allow(rule) } else { Ruling::Refuse(rule) })
    }
}

impl Form for Delay {
    type As = (Duration, Duration);

    fn form(&self) -> (Duration, Duration) {
        (Delay::min(*self), Delay::max(*self))
    }

    fn of((min, max): (Duration, Duration)) -> Option<Self> {
        (min <= max).then(|| (min..max).into())
    }
}

/// The rule of that name.
pub fn rule<R: Rule>(id: &str) -> Option<R> {
    R::ALL.iter().copied().find(|rule| rule.id() == id)
}

/// What a machine is told at boot. `C` is the form of its configuration, `R` what its records are.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Boot<C, R> {
    /// The names of nodes and clients.
    pub names: (Vec<String>, Vec<String>),
    /// Which node it is.
    pub node: u32,
    /// What its clocks show: the monotonic one, and the other.
    pub now: (Time, Time),
    /// Whether sentences are wanted.
    pub explaining: bool,
    /// What all nodes are told.
    pub config: C,
    /// What is on its disk.
    pub records: Vec<R>,
}

/// A step of a machine.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Step<I> {
    /// What its clocks show: the monotonic one, and the other.
    pub now: (Time, Time),
    /// Whether sentences are wanted.
    pub explaining: bool,
    /// What happens to it.
    pub input: I,
}

/// An input of a machine.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Happens<M: Machine> {
    /// A message arrives.
    Deliver(NodeId, M::Message),
    /// A timer runs out.
    Fire(M::Timer),
    /// A client asks.
    Request(Ticket, M::Command),
}

/// What a machine does, under the rule that made it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Reason<M: Machine> {
    /// The rule, by its name.
    pub rule: String,
    /// A sentence.
    pub why: String,
    /// What it does.
    pub does: Vec<Does<M>>,
}

/// An effect.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Does<M: Machine> {
    /// Sends.
    Send(NodeId, M::Message),
    /// Writes to its disk.
    Persist(M::Record),
    /// Starts a timer, for so long at least and at most.
    Arm(M::Timer, (Duration, Duration)),
    /// Stops a timer.
    Disarm(M::Timer),
    /// Says what has become true.
    Learn(M::Fact),
    /// Answers a client.
    Reply(Ticket, M::Reply),
}
