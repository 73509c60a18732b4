//! What events refer to: lanes, events, messages, and what becomes of messages.

use std::fmt;
use std::num::NonZeroU64;

use quorate_protocol::{ClientId, NodeId};

/// Who something happens to: a node of the cluster or a client outside it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Lane {
    /// A node.
    Node(NodeId),
    /// A client.
    Client(ClientId),
}

impl fmt::Display for Lane {
    /// The name in scope, see [`Names`](quorate_protocol::Names).
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

/// An event's number in its trace, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventId(NonZeroU64);

impl EventId {
    /// The first event of every recording.
    pub const FIRST: EventId = EventId(NonZeroU64::MIN);

    /// The event of that number; `None` for 0, which no event has.
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(EventId(number)),
            None => None,
        }
    }

    /// The id of the event at an index: ids count from 1.
    pub(super) const fn at_index(index: usize) -> EventId {
        EventId(NonZeroU64::MIN.saturating_add(index as u64))
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One *copy* of a message on its way: when the network repeats a message, the repetition has a number of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageId(pub u64);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a message never arrives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DropReason {
    /// The network lost it by chance.
    Loss,
    /// Sender and receiver were cut off from each other.
    Partition,
    /// The receiver was down.
    Crashed,
    /// The scenario demanded it.
    Script,
}

impl DropReason {
    /// Every reason.
    pub const ALL: [DropReason; 4] = [Self::Loss, Self::Partition, Self::Crashed, Self::Script];

    /// The word that the trace document uses.
    pub const fn word(self) -> &'static str {
        match self {
            DropReason::Loss => "loss",
            DropReason::Partition => "partition",
            DropReason::Crashed => "crashed",
            DropReason::Script => "script",
        }
    }
}
