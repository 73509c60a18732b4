//! Values, messages and facts of reliable broadcast.

use std::fmt;

use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

/// A value to broadcast.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Value(pub u64);

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A message between nodes. The network tells its sender truly; it needs no seal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Sender to all: this is my value.
    Initial {
        /// The value.
        value: Value,
    },
    /// To all: the sender has told me this value.
    Echo {
        /// The value.
        value: Value,
    },
    /// To all: no honest node can accept another value.
    Ready {
        /// The value.
        value: Value,
    },
}

/// A client's command to the sender.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Broadcast this.
    Broadcast {
        /// The value.
        value: Value,
    },
}

/// An answer to a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The value is sent.
    Sent,
    /// The sender has broadcast a value before.
    SentBefore,
    /// This node is not the sender.
    NotTheSender {
        /// The sender.
        sender: NodeId,
    },
}

/// An observable event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// The sender broadcasts a value; what a liar tells each node is another matter.
    Broadcast {
        /// The value.
        value: Value,
    },
    /// A node accepts a value.
    Accepted {
        /// The value.
        value: Value,
    },
}
