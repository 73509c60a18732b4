//! Paxos: one decision, and those who remember it.

use super::{Exercise, exercise};

/// In order.
pub(super) const EXERCISES: &[Exercise] = &[exercise!(
    "paxos-promise" in "paxos/promise", Paxos, Rule, 10 points, 15 minutes,
    "The promise",
    "may an acceptor promise this ballot?",
    bugs ["no-promise-check", "forget-promise"],
)];
