//! Versions of a register: a value, the stamp of the write, and what its writer had read.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{NodeId, Permutation, Permute};
use serde::{Deserialize, Serialize};

use crate::{Stamp, Value};

/// Version vector with dots: of each replica, the number of its first writes to this key that are
/// known, and single later ones.
///
/// A number alone would claim too much: an application that knows the second write of a replica,
/// its own, need not have read the first one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub struct Seen {
    upto: BTreeMap<NodeId, u64>,
    dots: BTreeSet<Stamp>,
}

/// Whether knowing the first `known` writes of a replica and the one numbered `dot` is knowing the
/// first `dot`.
pub(crate) type Follows = fn(known: u64, dot: u64) -> bool;

impl Seen {
    /// Whether a write is known.
    pub fn covers(&self, dot: Stamp) -> bool {
        self.upto(dot.node) >= dot.tick.count || self.dots.contains(&dot)
    }

    /// The number of first writes of a replica that are known without a gap.
    fn upto(&self, node: NodeId) -> u64 {
        self.upto.get(&node).copied().unwrap_or_default()
    }

    /// The number of the last known write of a replica.
    pub fn last(&self, node: NodeId) -> u64 {
        let dots = self.dots.iter().filter(|dot| dot.node == node).map(|dot| dot.tick.count);
        dots.fold(self.upto(node), u64::max)
    }

    /// Adds a write.
    pub(crate) fn add(&mut self, dot: Stamp, follows: Follows) {
        if !self.covers(dot) {
            self.dots.insert(dot);
            self.fold(follows);
        }
    }

    /// Adds all writes that another vector knows.
    pub(crate) fn join(&mut self, other: &Seen, follows: Follows) {
        for (node, known) in &other.upto {
            let count = self.upto.entry(*node).or_default();
            *count = (*count).max(*known);
        }
        self.dots.extend(&other.dots);
        self.fold(follows);
    }

    /// Counts the dots that leave no gap. They are sorted by number.
    fn fold(&mut self, follows: Follows) {
        for dot in std::mem::take(&mut self.dots) {
            let (known, number) = (self.upto(dot.node), dot.tick.count);
            if known < number && follows(known, number) {
                self.upto.insert(dot.node, number);
            } else if known < number {
                self.dots.insert(dot);
            }
        }
    }
}

impl Permute for Seen {
    fn permuted(&self, by: &Permutation) -> Self {
        Seen { upto: self.upto.permuted(by), dots: self.dots.permuted(by) }
    }
}

/// One version of a register.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Version {
    /// Its value.
    pub value: Value,
    /// The stamp of the write.
    pub stamp: Stamp,
    /// The writes that its writer had read, in a register with siblings; else empty.
    pub seen: Seen,
}

impl Permute for Version {
    fn permuted(&self, by: &Permutation) -> Self {
        Version { value: self.value.clone(), stamp: self.stamp.permuted(by), seen: self.seen.permuted(by) }
    }
}

/// These versions, and all writes that they replaced.
pub(crate) fn known(versions: &[Version], follows: Follows) -> Seen {
    let mut known = Seen::default();
    for version in versions {
        known.join(&version.seen, follows);
        known.add(version.stamp, follows);
    }
    known
}

/// Stamps of versions, in their order.
pub(crate) fn stamps(versions: &[Version]) -> Vec<Stamp> {
    versions.iter().map(|version| version.stamp).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tick;

    #[test]
    fn a_gap_is_no_knowledge_of_what_is_in_it() {
        let follows: Follows = |known, dot| dot == known + 1;
        let dot = |count| Stamp { tick: Tick::logical(count), node: NodeId(0) };
        let mut seen = Seen::default();
        seen.add(dot(3), follows);
        seen.add(dot(1), follows);
        assert_eq!([1, 2, 3, 4].map(|count| seen.covers(dot(count))), [true, false, true, false]);
        assert_eq!(seen.last(NodeId(0)), 3);
        let mut other = Seen::default();
        other.join(&seen, follows);
        other.add(dot(2), follows);
        assert_eq!([1, 2, 3, 4].map(|count| other.covers(dot(count))), [true, true, true, false]);
        assert!(other.dots.is_empty() && other.upto(NodeId(0)) == 3);
    }
}
