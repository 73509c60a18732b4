//! The log of Multi-Paxos: slots, and what is chosen in them.
//!
//! It lies on the ground because the rulebook and the invariants speak of it.

use std::fmt;

use quorate_protocol::Ticket;
use serde::{Deserialize, Serialize};

use crate::value::Value;

/// A place in the log, from 1: one instance of Basic Paxos (*Paxos Made Simple* §3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(pub u64);

impl Slot {
    /// The first one.
    pub const FIRST: Slot = Slot(1);

    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Slot {
        Slot(self.0.saturating_add(1))
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// What is chosen in a slot: a client's command, or a no-op that closes a hole.
///
/// The ticket tells apart what two clients, or one client twice, ask for in the same words.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The command; `no-op` in a no-op.
    pub value: Value,
    /// Whose command it is. Nobody's: a no-op.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
}

impl Entry {
    /// A client's command.
    pub const fn command(ticket: Ticket, value: Value) -> Self {
        Entry { value, ticket: Some(ticket) }
    }

    /// The command that leaves the state unchanged.
    pub fn noop() -> Self {
        Entry { value: Value::from("no-op"), ticket: None }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)
    }
}
