//! Identity of a storage and of a run: checked against a node's log before its records are used.

use std::fmt;
use std::ops::Range;

use quorate_protocol::{NodeId, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A cluster's unique id, drawn at random when its first run begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClusterId(Uuid);

impl ClusterId {
    /// A new random id.
    pub fn random() -> Self {
        ClusterId(Uuid::new_v4())
    }
}

impl fmt::Display for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The position in a cluster that a [`Storage`](super::Storage) is opened for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Identity {
    /// The protocol's name, as given to its [`Setup`](super::Setup).
    pub protocol: String,
    /// Number of nodes in the cluster.
    pub nodes: u32,
    /// The node.
    pub node: NodeId,
}

/// Record of earlier runs, as a storage keeps it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Past {
    /// The cluster that it belongs to.
    pub cluster: ClusterId,
    /// The number of the newest run that it took part in, from 1.
    pub run: u64,
    /// Upper bound of the times that the node's clock has shown.
    pub clock: Time,
    /// Whether the node has ever written anything.
    pub written: bool,
}

/// A run of a cluster: from the start of its process to the end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RunId {
    /// The cluster.
    pub cluster: ClusterId,
    /// The number of this run. No earlier run of this cluster had it, or a higher one.
    pub number: u64,
}

/// Maximum number of requests of a client in one run. Requests of the first run are numbered from
/// 1, those of the second continue from here, and so on, so that no request has the
/// [`RequestId`](quorate_protocol::RequestId) of a request in an earlier run.
pub const REQUESTS_PER_RUN: u64 = 10_000_000_000;

/// The request numbers of a client in a run. Empty if the run's number is so large that they
/// overflow.
pub(super) fn request_numbers(run: u64) -> Range<u64> {
    let first = run.saturating_sub(1).checked_mul(REQUESTS_PER_RUN).and_then(|before| before.checked_add(1));
    let numbers = first.and_then(|first| Some(first..first.checked_add(REQUESTS_PER_RUN)?));
    numbers.unwrap_or(1..1)
}
