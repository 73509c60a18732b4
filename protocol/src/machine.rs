//! The machine: what a protocol has to say to be run by any driver.

use std::fmt::{self, Debug};
use std::hash::Hash;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{ClientId, Clock, Context, Delay, NodeId, Outbox, Rule};

/// Plain data: comparable, hashable, printable, serialisable. Implemented for every type that is all that.
///
/// The usual line above such a type is
/// `#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]`.
pub trait Data: Clone + Eq + Ord + Hash + Debug + Serialize + DeserializeOwned + Send + 'static {}

impl<T: Clone + Eq + Ord + Hash + Debug + Serialize + DeserializeOwned + Send + 'static> Data for T {}

/// One node of a protocol, as a pure state machine: input in, effects out.
///
/// A machine owns no clock, dice, threads, files or sockets, and never iterates over a container whose order
/// may differ between runs. All that it knows it was told through [`boot`](Self::boot) and [`step`](Self::step): what changes it
/// keeps, what does not is in the [`Context`]. All that it does, it says to its [`Outbox`], with the reason. That is why one implementation can run in a
/// simulator, on threads, inside an exhaustive checker and in a browser.
///
/// Enums are the natural shape of `Message`, `Command`, `Reply`, `Fact` and `Record`: traces call each by the
/// name of its variant and show its fields. A part that a protocol does not need is [`Never`].
pub trait Machine: Clone + Eq + Hash + Debug + Send + 'static {
    /// The family of protocols it belongs to, such as `raft`: log events of its steps have the target `quorate::` and this.
    const FAMILY: &'static str = "machine";

    /// The members, sizes, timeouts.
    type Config: Clone + Debug + Send + Sync + 'static;
    /// The decisions that the paper prescribes, as a value: see [`rulebook!`](crate::rulebook). `()` for a machine that has none.
    type Rulebook: Copy + Default + Debug + Send + Sync + 'static;
    /// What nodes say to each other.
    type Message: Data;
    /// The *names* of the timers a node may have running, at most one of each name.
    type Timer: Data;
    /// What clients ask for.
    type Command: Data;
    /// What clients are answered.
    type Reply: Data;
    /// What has become true, for those who watch: a value chosen, a leader elected.
    type Fact: Data;
    /// The paper's rules, each effect's reason.
    type Rule: Rule;
    /// One durable write.
    type Record: Data;
    /// What the writes add up to: all that survives a crash.
    type Disk: Disk<Record = Self::Record>;
    /// What the machine may know of the time: `()` if its safety reads no clock, else [`LocalTime`](crate::LocalTime).
    type Clock: Clock;
    /// What a state panel shows. See [`view`](Self::view).
    type View: Clone + PartialEq + Debug + Serialize + Send + 'static;

    /// Starts a node with what its disk holds: nothing at first, after a crash what it had made durable.
    ///
    /// Unlike a step, a boot may do nothing and therefore cite no rule.
    fn boot(cx: &Context<Self>, disk: &Self::Disk, out: &mut Outbox<Self>) -> Self;

    /// Handles one input. Every step cites at least one rule, also when it refuses or ignores: drivers hold it to that.
    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>);

    /// The state as people should see it. Its cost must not grow with the length of a log: drivers ask after every recorded step.
    fn view(&self, cx: &Context<Self>) -> Self::View;

    /// How a client should take an answer: most are final, some say to ask elsewhere or later.
    fn answer(reply: &Self::Reply) -> Answer {
        let _ = reply;
        Answer::Final
    }
}

/// What an answer means to the client that asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Answer {
    /// The request is done with, for better or worse.
    Final,
    /// Ask this node instead, with the same ticket.
    Ask(NodeId),
    /// Ask again later, with the same ticket: nobody knows yet who could help.
    AskAgain,
}

/// What can happen to a node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Input<M: Machine> {
    /// A message arrives. It may have been delayed, overtaken or repeated, and its sender may be gone.
    Deliver {
        /// The node that sent it.
        from: NodeId,
        /// What it says.
        message: M::Message,
    },
    /// An armed timer runs out. It is no longer armed.
    Fire(M::Timer),
    /// A client asks for something.
    Request {
        /// Whom to answer. A client's retry carries the ticket of its first attempt.
        ticket: Ticket,
        /// What is asked for.
        command: M::Command,
    },
}

/// What a node does to the world, always [because](Outbox::because) of a rule.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Effect<M: Machine> {
    /// A message to a node, perhaps itself. The network may lose, delay, repeat and reorder it, but not on the way to oneself.
    Send {
        /// The node that should get it.
        to: NodeId,
        /// What it says.
        message: M::Message,
    },
    /// A durable write. Drivers make all records of a step durable before anything else of that step leaves the node.
    Persist(M::Record),
    /// Starts a timer, or starts it anew if it is running.
    Arm {
        /// Which one.
        timer: M::Timer,
        /// For how long, on the node's own clock.
        after: Delay,
    },
    /// Stops a timer, if it is running.
    Disarm(M::Timer),
    /// Something has become true.
    Learn(M::Fact),
    /// An answer to a client.
    Reply {
        /// Whose request this answers.
        ticket: Ticket,
        /// The answer.
        reply: M::Reply,
    },
}

/// What a node's durable writes add up to.
///
/// The default is the blank disk of a first boot. Applying the records in order must give the same disk on every machine:
/// a log of records and the folded disk are two forms of one thing.
pub trait Disk: Clone + Default + Eq + Hash + Debug + Send + 'static {
    /// One durable write.
    type Record: Data;

    /// Takes one write in.
    fn write(&mut self, record: &Self::Record);

    /// The shortest records that rebuild this disk from a blank one, in order, so that a driver may put them in the place of all that
    /// were written. `None`, unless a disk says otherwise: then its log is kept whole.
    fn records(&self) -> Option<Vec<Self::Record>> {
        None
    }
}

/// For machines that keep nothing.
impl Disk for () {
    type Record = Never;

    fn write(&mut self, record: &Never) {
        match *record {}
    }
}

/// A client's request, by the client and its own count. A retry keeps the ticket, so that a protocol can tell it from a new request.
///
/// It reads `c1 #7`, and is serialised so to human-readable formats: it travels with the request, and traces should stay short.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ticket {
    /// Who asks.
    pub client: ClientId,
    /// The client's count of its requests, from 1.
    pub number: u64,
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{}", self.client, self.number)
    }
}

impl Serialize for Ticket {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.client, self.number).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Ticket {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            let (client, number) = Deserialize::deserialize(deserializer)?;
            return Ok(Ticket { client, number });
        }
        let text = String::deserialize(deserializer)?;
        let bad = || serde::de::Error::custom(format_args!("'{text}' is no ticket such as 'c1 #7'"));
        let (client, number) = text.rsplit_once(" #").ok_or_else(bad)?;
        Ok(Ticket { client: client.parse().map_err(|_| bad())?, number: number.parse().map_err(|_| bad())? })
    }
}

/// What cannot be: the `Timer` of a protocol without timers, the `Record` of one without a disk.
///
/// A `match never {}` on it needs no arms, so the compiler knows that the case does not occur.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Never {}

impl Serialize for Never {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("this protocol has no such thing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Names;

    #[test]
    fn a_ticket_is_written_as_it_reads_and_read_back() {
        let ticket = Ticket { client: ClientId(1), number: 7 };
        Names::new([""; 0], ["ann", "bob #2"]).scope(|| {
            let json = serde_json::to_string(&ticket).unwrap();
            assert_eq!(json, r#""bob #2 #7""#);
            assert_eq!(serde_json::from_str::<Ticket>(&json).unwrap(), ticket);
        });
        let error = serde_json::from_str::<Ticket>(r#""c1 7""#).unwrap_err();
        assert!(error.to_string().starts_with("'c1 7' is no ticket such as 'c1 #7'"), "{error}");
    }
}
