//! Versions of a register: a value, the stamp of the write, and what its writer had read.

use std::collections::BTreeMap;

use quorate_protocol::{NodeId, Permutation, Permute};
use serde::{Deserialize, Serialize};

use crate::{Stamp, Value};

/// Version vector: of each replica, the number of its writes to this key that are known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seen(BTreeMap<NodeId, u64>);

impl Seen {
    /// Whether a write is known.
    pub fn covers(&self, dot: Stamp) -> bool {
        self.count(dot.node) >= dot.tick.count
    }

    /// The number of known writes of a replica.
    pub fn count(&self, node: NodeId) -> u64 {
        self.0.get(&node).copied().unwrap_or_default()
    }

    /// Adds a write, and with it all earlier ones of the same replica.
    pub fn add(&mut self, dot: Stamp) {
        let count = self.0.entry(dot.node).or_default();
        *count = (*count).max(dot.tick.count);
    }

    /// Adds all writes that another vector knows.
    pub fn join(&mut self, other: &Seen) {
        for (node, known) in &other.0 {
            let count = self.0.entry(*node).or_default();
            *count = (*count).max(*known);
        }
    }

    /// Whether no write is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Permute for Seen {
    fn permuted(&self, by: &Permutation) -> Self {
        Seen(self.0.permuted(by))
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

/// Stamps of versions, in their order.
pub(crate) fn stamps(versions: &[Version]) -> Vec<Stamp> {
    versions.iter().map(|version| version.stamp).collect()
}
