//! Whose storage it is, and which run of the cluster: what a node's log is checked against before
//! anything in it counts.

use std::fmt;
use std::ops::Range;

use quorate_protocol::{NodeId, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A cluster's own name, drawn at random when its first run begins, so that two clusters never have
/// the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClusterId(Uuid);

impl ClusterId {
    /// A name that no other cluster has.
    pub fn random() -> Self {
        ClusterId(Uuid::new_v4())
    }
}

impl fmt::Display for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The place in a cluster that a [`Storage`](super::Storage) is opened for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Identity {
    /// The protocol, as its [`Setup`](super::Setup) calls it.
    pub protocol: String,
    /// How many nodes the cluster has.
    pub nodes: u32,
    /// Which of them this is.
    pub node: NodeId,
}

/// Record of earlier runs, as a storage keeps it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Past {
    /// The cluster that it belongs to.
    pub cluster: ClusterId,
    /// The number of the newest run that it took part in, from 1.
    pub run: u64,
    /// What the node's clock may have shown so far, at most.
    pub clock: Time,
    /// Whether the node has ever written anything.
    pub written: bool,
}

/// A run of a cluster: from the start of its process to the end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Run {
    /// The cluster.
    pub cluster: ClusterId,
    /// The number of this run. No earlier run of this cluster had it, or a higher one.
    pub number: u64,
}

/// How many requests a client may make in one run. Those of the first run have the numbers from 1
/// on, those of the second go on from here, and so forth, so that no request of any run has the
/// [`Ticket`](quorate_protocol::Ticket) of an earlier one.
pub const REQUESTS_PER_RUN: u64 = 10_000_000_000;

/// The numbers that a client's requests have in a run. None are left for a run whose number is
/// absurd.
pub(super) fn request_numbers(run: u64) -> Range<u64> {
    let first = run.saturating_sub(1).checked_mul(REQUESTS_PER_RUN).and_then(|before| before.checked_add(1));
    let numbers = first.and_then(|first| Some(first..first.checked_add(REQUESTS_PER_RUN)?));
    numbers.unwrap_or(1..1)
}
