//! Lamport's clock: one number.

use std::fmt;

use quorate_protocol::{NodeId, Time};
use serde::{Deserialize, Serialize};

use super::LogicalClock;

/// Lamport's clock (*Time, Clocks, and the Ordering of Events in a Distributed System*, 1978): a
/// count that is larger than every count that the process has heard of.
///
/// Stamps of concurrent events are ordered, too, by chance; with the process as the second part
/// the order is total, but it says nothing about causes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LamportClock(pub u64);

impl LogicalClock for LamportClock {
    /// Implementation rule IR1: a process counts up between two of its events.
    fn tick(&mut self, _: NodeId, _: Time) {
        self.0 = self.0.saturating_add(1);
    }

    /// Implementation rule IR2: the receipt is later than the sending.
    fn receive(&mut self, _: NodeId, stamp: &Self, _: Time) {
        self.0 = self.0.max(stamp.0).saturating_add(1);
    }

    fn may_precede(&self, other: &Self) -> bool {
        self < other
    }
}

impl fmt::Display for LamportClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
