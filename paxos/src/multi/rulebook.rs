//! The decision that Multi-Paxos adds to the [rulebook of Basic Paxos](crate::Rulebook).

use super::Entry;
use crate::ByTheBook;

/// The decisions of Multi-Paxos. Each default method *is* the paper.
///
/// The other addition of Multi-Paxos, that one phase 1 serves all slots and all commands of a ballot but no other
/// ballot, is the same [`must_prepare`](crate::Rulebook::must_prepare) as in Basic Paxos.
pub trait Rulebook: crate::Rulebook {
    /// *Paxos Made Simple* §3: what a new leader proposes in an open slot at or below the last reported one.
    ///
    /// What P2c binds it to, or a no-op if nothing does. `None` would leave a hole, and the log would never get past it.
    fn fill_hole(&self, bound: Option<&Entry>) -> Option<Entry> {
        Some(bound.cloned().unwrap_or_else(Entry::noop))
    }
}

impl Rulebook for ByTheBook {}
