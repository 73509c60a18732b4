//! Identifiers in traces: lanes, events, messages, and reasons for the loss of a message.

use std::fmt;
use std::num::NonZeroU64;

use quorate_protocol::{ClientId, NodeId};

/// A node of the cluster or a client outside it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Lane {
    /// A node.
    Node(NodeId),
    /// A client.
    Client(ClientId),
}

impl fmt::Display for Lane {
    /// Formats the name in scope, see [`Names`](quorate_protocol::Names).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lane::Node(node) => node.fmt(f),
            Lane::Client(client) => client.fmt(f),
        }
    }
}

impl From<NodeId> for Lane {
    fn from(node: NodeId) -> Self {
        Lane::Node(node)
    }
}

impl From<ClientId> for Lane {
    fn from(client: ClientId) -> Self {
        Lane::Client(client)
    }
}

/// Id of an event: its number in the trace, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventId(NonZeroU64);

impl EventId {
    /// Id of the first event of every recording.
    pub const FIRST: EventId = EventId(NonZeroU64::MIN);

    /// Returns the id with that number; `None` for 0, which no event has.
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(EventId(number)),
            None => None,
        }
    }

    /// Returns the id of the event at an index: ids count from 1.
    pub(super) const fn at_index(index: usize) -> EventId {
        EventId(NonZeroU64::MIN.saturating_add(index as u64))
    }

    /// Returns the number.
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl From<NonZeroU64> for EventId {
    fn from(number: NonZeroU64) -> Self {
        EventId(number)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Id of one *copy* of a message: a duplicate made by the network has its own id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageId(pub u64);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reason why a message never arrives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum DropReason {
    /// Random loss in the network.
    Loss,
    /// Partition between sender and receiver.
    Partition,
    /// Crashed receiver.
    Crashed,
    /// There is no such receiver.
    Unknown,
    /// Dropped by the scenario.
    Script,
    /// The queue of the link, or the inbox of the receiver, was full.
    Overflow,
}

impl DropReason {
    /// All reasons.
    pub const ALL: [DropReason; 6] =
        [Self::Loss, Self::Partition, Self::Crashed, Self::Unknown, Self::Script, Self::Overflow];

    /// Name of the reason in the trace document.
    pub const fn word(self) -> &'static str {
        match self {
            DropReason::Loss => "loss",
            DropReason::Partition => "partition",
            DropReason::Crashed => "crashed",
            DropReason::Unknown => "unknown",
            DropReason::Script => "script",
            DropReason::Overflow => "overflow",
        }
    }
}
