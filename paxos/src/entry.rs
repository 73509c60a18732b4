//! The log of Multi-Paxos: slots and their entries.
//!
//! Outside of `multi` because the rulebook and the invariants use it.

use std::fmt;

use quorate_protocol::RequestId;
use serde::{Deserialize, Serialize};

use crate::value::Value;

/// A slot of the log, from 1: one instance of Basic Paxos (*Paxos Made Simple* §3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(pub u64);

impl Slot {
    /// The first slot.
    pub const FIRST: Slot = Slot(1);

    /// The next slot.
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

/// An entry of the log: a client's command, or a no-op that fills a gap.
///
/// The ticket distinguishes equal commands of two clients, or of one client twice.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The command; `no-op` in a no-op.
    pub value: Value,
    /// The client's request; `None` for a no-op.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<RequestId>,
}

impl Entry {
    /// A client's command.
    pub const fn command(ticket: RequestId, value: Value) -> Self {
        Entry { value, ticket: Some(ticket) }
    }

    /// A no-op: the command that leaves the state unchanged.
    pub fn noop() -> Self {
        Entry { value: Value::from("no-op"), ticket: None }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)
    }
}
