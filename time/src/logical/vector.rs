//! Vector clock: a number for each process.

use std::fmt;

use quorate_protocol::{NodeId, Time};
use serde::{Deserialize, Serialize};

use super::LogicalClock;

/// Vector clock (Fidge, *Timestamps in Message-Passing Systems*, 1988; Mattern, *Virtual Time and
/// Global States of Distributed Systems*, 1989): of each process, the number of its events that
/// the owner has heard of. Stamps are ordered exactly as causes and effects are.
///
/// Shown as `[2 1 0]`, in the order of the processes; zeros at the end are left out. The order of
/// [`Ord`] is that of a list, for containers, and says nothing about causes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VectorClock(Vec<u64>);

impl VectorClock {
    /// The number of events of a process that this stamp has heard of.
    pub fn of(&self, process: NodeId) -> u64 {
        self.0.get(process.index()).copied().unwrap_or(0)
    }

    /// Whether the event of this stamp happened before that of the other.
    pub fn is_before(&self, other: &Self) -> bool {
        self != other && self.0.len() <= other.0.len() && self.0.iter().zip(&other.0).all(|(own, its)| own <= its)
    }

    /// Whether neither event is a cause of the other.
    pub fn is_concurrent_with(&self, other: &Self) -> bool {
        self != other && !self.is_before(other) && !other.is_before(self)
    }

    fn count(&mut self, me: NodeId) {
        if self.0.len() <= me.index() {
            self.0.resize(me.index() + 1, 0);
        }
        self.0[me.index()] = self.0[me.index()].saturating_add(1);
    }
}

impl LogicalClock for VectorClock {
    fn tick(&mut self, me: NodeId, _: Time) {
        self.count(me);
    }

    fn receive(&mut self, me: NodeId, stamp: &Self, _: Time) {
        if self.0.len() < stamp.0.len() {
            self.0.resize(stamp.0.len(), 0);
        }
        for (own, heard) in self.0.iter_mut().zip(&stamp.0) {
            *own = (*own).max(*heard);
        }
        self.count(me);
    }

    fn may_precede(&self, other: &Self) -> bool {
        self.is_before(other)
    }
}

impl fmt::Display for VectorClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (place, count) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{count}")?;
        }
        f.write_str("]")
    }
}
