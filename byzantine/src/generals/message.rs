//! Orders, messages, timers and facts of oral messages.

use std::fmt;

use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

/// An order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Order {
    /// Do not attack; also the order of a general that says nothing.
    Retreat,
    /// Attack.
    Attack,
}

impl Order {
    /// The opposite.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Order::Retreat => Order::Attack,
            Order::Attack => Order::Retreat,
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Order::Retreat => "retreat",
            Order::Attack => "attack",
        })
    }
}

/// An oral message: "the commander said to A, who said to B, who says: attack". It has no seal, so
/// each sender can change it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// An order.
    Say {
        /// Its senders, the commander first.
        path: Vec<NodeId>,
        /// The order, as the last of them says it.
        order: Order,
    },
}

/// The timer of a lieutenant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// All messages have arrived by now that will.
    Deadline,
}

/// A client's command to the commander.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Give this order.
    Give {
        /// The order.
        order: Order,
    },
}

/// An answer to a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The order is given.
    Given,
    /// The commander has given his order before.
    GivenBefore,
    /// This node is a lieutenant.
    NotTheCommander {
        /// The commander.
        commander: NodeId,
    },
}

/// An observable event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// The commander gives this order; what a traitor tells each lieutenant is another matter.
    Ordered {
        /// The order.
        order: Order,
    },
    /// This lieutenant obeys this order.
    Obeys {
        /// The order.
        order: Order,
    },
}
