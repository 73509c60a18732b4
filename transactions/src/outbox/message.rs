//! Messages, timers, commands, replies and facts of the local message table.

use serde::{Deserialize, Serialize};

use crate::id::Row;

/// Number of a message, which is that of the order that it is about.
pub type OutboxMessageId = u64;

/// Content of a message: so many units of an item are to be shipped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Note {
    /// The item.
    pub item: Row,
    /// The number of units.
    pub units: u64,
}

/// A message between nodes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Sender to broker: keep this message for the receiver.
    Forward {
        /// Its number.
        id: OutboxMessageId,
        /// The item.
        item: Row,
        /// The number of units.
        units: u64,
    },
    /// Broker to sender: the message is on disk.
    Confirm {
        /// Its number.
        id: OutboxMessageId,
    },
    /// Broker to receiver.
    Deliver {
        /// The message's number.
        id: OutboxMessageId,
        /// The item.
        item: Row,
        /// The number of units.
        units: u64,
    },
    /// Receiver to broker: the message is handled.
    Ack {
        /// Its number.
        id: OutboxMessageId,
    },
}

/// The timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// At the sender: time to forward what is in the table again.
    Forward,
    /// At the broker: time to deliver what is in the queue again.
    Deliver,
    /// At the receiver: the work on a message is done.
    Work {
        /// The message's number.
        id: OutboxMessageId,
    },
}

/// A client's command.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Place an order.
    Place {
        /// The item.
        item: Row,
        /// The number of units.
        units: u64,
    },
}

/// An answer to a client.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The order is placed. Nothing may be shipped yet.
    Placed {
        /// Number of the order.
        id: OutboxMessageId,
    },
    /// The request is older than one of the same client that was carried out.
    Overtaken,
    /// The node is not the sender.
    NotTheSender,
}

/// An observable event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// The sender has placed an order.
    Placed {
        /// Its number, and that of its message.
        id: OutboxMessageId,
        /// The number of units.
        units: u64,
    },
    /// A message has left the sender's table.
    Deleted {
        /// Its number.
        id: OutboxMessageId,
    },
    /// The broker has taken a message over.
    Queued {
        /// Its number.
        id: OutboxMessageId,
    },
    /// A message has left the broker's queue.
    Removed {
        /// Its number.
        id: OutboxMessageId,
    },
    /// The receiver has handled a message.
    Handled {
        /// Its number.
        id: OutboxMessageId,
        /// The number of units that it has shipped.
        units: u64,
    },
}
