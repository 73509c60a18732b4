//! The machine: a protocol as a deterministic state machine, with its inputs and effects.

use std::fmt::{self, Debug};
use std::hash::Hash;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{ClientId, Clock, Context, Delay, NodeId, Outbox, Rule};

/// Plain data: comparable, hashable, printable, serialisable. Implemented for every such type.
///
/// The usual line above such a type is
/// `#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]`.
pub trait Data: Clone + Eq + Ord + Hash + Debug + Serialize + DeserializeOwned + Send + 'static {}

impl<T: Clone + Eq + Ord + Hash + Debug + Serialize + DeserializeOwned + Send + 'static> Data for T {}

/// One node of a protocol, as a pure state machine: input in, effects out.
///
/// A machine owns no clock, random numbers, threads, files or sockets, and never iterates over a
/// container whose order may differ between runs. All its information comes through
/// [`boot`](Self::boot) and [`step`](Self::step): it stores its variables, while the constants are
/// in the [`Context`]. All its effects go to its [`Outbox`], with their reasons. One implementation
/// can therefore run in a simulator, on threads, inside an exhaustive checker and in a browser.
///
/// Enums are the natural form of `Message`, `Command`, `Reply`, `Fact` and `Record`: traces name
/// each by its variant and show its fields. A part that a protocol does not need is [`Never`].
pub trait Machine: Clone + Eq + Hash + Debug + Send + 'static {
    /// Family of protocols, such as `raft`: log events of its steps have the target
    /// `quorate::raft`.
    const FAMILY: &'static str = "machine";

    /// The configuration: members, sizes, timeouts.
    type Config: Clone + Debug + Send + Sync + 'static;
    /// The decisions that the paper prescribes, as a value: see [`rulebook!`](crate::rulebook).
    /// `()` for a machine without any.
    type Rulebook: Copy + Default + Debug + Send + Sync + 'static;
    /// A message between nodes.
    type Message: Data;
    /// The *names* of the timers of a node. At most one timer of each name runs at a time.
    type Timer: Data;
    /// A client's command.
    type Command: Data;
    /// An answer to a client.
    type Reply: Data;
    /// An observable event, for invariants and traces: a value chosen, a leader elected.
    type Fact: Data;
    /// The paper's rules, as reasons of effects.
    type Rule: Rule;
    /// One durable write.
    type Record: Data;
    /// State on disk, the result of the writes: all that survives a crash.
    type Disk: Disk<Record = Self::Record>;
    /// The clocks that the machine may read: `()` if its safety depends on none, else
    /// [`LocalTime`](crate::LocalTime).
    type Clock: Clock;
    /// The state for display. See [`view`](Self::view).
    type View: Clone + PartialEq + Debug + Serialize + Send + 'static;

    /// Starts a node from its disk, which is blank at first, and after a crash holds the durable
    /// writes.
    ///
    /// Unlike a step, a boot may do nothing and therefore cite no rule.
    fn boot(cx: &Context<Self>, disk: &Self::Disk, out: &mut Outbox<Self>) -> Self;

    /// Handles one input. Every step cites at least one rule, even if it refuses or ignores the
    /// input: drivers enforce that.
    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>);

    /// The state for display. Its cost must not grow with the length of a log: drivers call it
    /// after every recorded step.
    fn view(&self, cx: &Context<Self>) -> Self::View;

    /// How a client should handle a reply: most are final, some say to ask elsewhere or later.
    fn disposition(reply: &Self::Reply) -> Disposition {
        let _ = reply;
        Disposition::Final
    }
}

/// How a client should handle a reply.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Disposition {
    /// The request is complete, successfully or not.
    Final,
    /// Send the request to this node instead, with the same ticket.
    Redirect(NodeId),
    /// Retry later, with the same ticket: the right node is not known yet.
    Retry,
}

/// An input of a node.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Input<M: Machine> {
    /// A message arrives. It may be delayed, reordered or duplicated, and its sender may have
    /// crashed.
    Deliver {
        /// The node that sent it.
        from: NodeId,
        /// The message.
        message: M::Message,
    },
    /// An armed timer fires, and is no longer armed.
    Fire(M::Timer),
    /// A client sends a request.
    Request {
        /// Identifies the request, for the answer. A client's retry carries the ticket of its first
        /// attempt.
        ticket: RequestId,
        /// The command.
        command: M::Command,
    },
}

/// An effect of a step on the outside, always with a [reason](Outbox::because).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Effect<M: Machine> {
    /// A message to a node, perhaps itself. The network may lose, delay, duplicate and reorder it,
    /// unless it is to the sender itself.
    Send {
        /// The recipient.
        to: NodeId,
        /// The message.
        message: M::Message,
    },
    /// A durable write. Drivers make all records of a step durable before any other effect of that
    /// step leaves the node.
    Persist(M::Record),
    /// Starts a timer, or restarts it if it is running.
    Arm {
        /// The timer.
        timer: M::Timer,
        /// The delay, on the node's own clock.
        after: Delay,
    },
    /// Stops a timer, if it is running.
    Disarm(M::Timer),
    /// An observable event has happened.
    Emit(M::Fact),
    /// An answer to a client.
    Reply {
        /// The request that is answered.
        ticket: RequestId,
        /// The answer.
        reply: M::Reply,
    },
}

/// State on disk: the result of a node's durable writes.
///
/// The default is the blank disk of a first boot. Applying the records in order must give the same
/// disk on every machine: a log of records and the disk folded from it are two forms of the same
/// state.
pub trait Disk: Clone + Default + Eq + Hash + Debug + Send + 'static {
    /// One durable write.
    type Record: Data;

    /// Applies one write.
    fn apply(&mut self, record: &Self::Record);

    /// The shortest records that rebuild this disk from a blank one, in order, with which a driver
    /// may replace all that were written (log compaction). With the default, `None`, the log is
    /// kept whole.
    fn compacted(&self) -> Option<Vec<Self::Record>> {
        None
    }
}

/// For machines without durable state.
impl Disk for () {
    type Record = Never;

    fn apply(&mut self, record: &Never) {
        match *record {}
    }
}

/// Identifier of a client's request: the client, and its own count. A retry keeps the ticket, so
/// that a protocol can distinguish it from a new request.
///
/// It is displayed, and serialised to human-readable formats, as `c1 #7`: it travels with the
/// request, and traces should stay short.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId {
    /// The client.
    pub client: ClientId,
    /// The client's count of its requests, from 1.
    pub number: u64,
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{}", self.client, self.number)
    }
}

impl Serialize for RequestId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.client, self.number).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            let (client, number) = Deserialize::deserialize(deserializer)?;
            return Ok(RequestId { client, number });
        }
        let text = String::deserialize(deserializer)?;
        let bad = || serde::de::Error::custom(format_args!("'{text}' is no ticket such as 'c1 #7'"));
        let (client, number) = text.rsplit_once(" #").ok_or_else(bad)?;
        Ok(RequestId { client: client.parse().map_err(|_| bad())?, number: number.parse().map_err(|_| bad())? })
    }
}

/// The empty type: the `Timer` of a protocol without timers, the `Record` of one without a disk.
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
    fn a_request_id_is_written_as_it_reads_and_read_back() {
        let ticket = RequestId { client: ClientId(1), number: 7 };
        Names::new([""; 0], ["ann", "bob #2"]).scope(|| {
            let json = serde_json::to_string(&ticket).unwrap();
            assert_eq!(json, r#""bob #2 #7""#);
            assert_eq!(serde_json::from_str::<RequestId>(&json).unwrap(), ticket);
        });
        let error = serde_json::from_str::<RequestId>(r#""c1 7""#).unwrap_err();
        assert!(error.to_string().starts_with("'c1 7' is no ticket such as 'c1 #7'"), "{error}");
    }
}
