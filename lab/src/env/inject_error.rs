//! Error: a fault or request is refused.

use std::fmt;

use quorate_protocol::{ClientId, NodeId};

use super::clock::DRIFT_RANGE;
use super::status::Status;

/// Largest number of a request: far more than a run can make, and far from an overflow.
pub(crate) const REQUEST_NUMBER_MAX: u64 = 1_000_000_000_000;

/// Reason for which a fault or request is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum InjectError {
    /// There is no such node.
    NoSuchNode(NodeId),
    /// A link of a node to itself cannot be cut: what a node sends to itself always arrives.
    LinkToItself(NodeId),
    /// There is no such client.
    NoSuchClient(ClientId),
    /// The node's status (down, up or paused) does not allow the fault.
    WrongStatus {
        /// The node.
        node: NodeId,
        /// Its status.
        status: Status,
    },
    /// The node's disk was not backed up before.
    NoBackup(NodeId),
    /// The number of a request is too large, as the next request must have a higher one.
    RequestNumberOutOfRange(u64),
    /// A clock cannot run that slowly (it would stand still or go backwards) or that fast (more
    /// than twice its rate). In parts per million.
    DriftOutOfRange(i32),
    /// Threads run in real time: queues of links and service times of nodes are simulated only.
    Simulated,
}

impl fmt::Display for InjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InjectError::NoSuchNode(node) => write!(f, "there is no node {node}"),
            InjectError::LinkToItself(node) => {
                write!(f, "{node} has no link to itself; name two different nodes")
            }
            InjectError::NoSuchClient(client) => write!(f, "there is no client {client}"),
            InjectError::WrongStatus { node, status: Status::Up } => write!(f, "{node} is up"),
            InjectError::WrongStatus { node, status: Status::Down } => write!(f, "{node} is down; restart it first"),
            InjectError::WrongStatus { node, status: Status::Paused } => write!(f, "{node} is paused; resume it first"),
            InjectError::NoBackup(node) => write!(f, "there is no backup of the disk of {node}; make one first"),
            InjectError::RequestNumberOutOfRange(number) => {
                write!(f, "the request number {number} is out of range; use 0 to {REQUEST_NUMBER_MAX}")
            }
            InjectError::DriftOutOfRange(ppm) => {
                let (min, max) = (DRIFT_RANGE.start(), DRIFT_RANGE.end());
                write!(f, "a drift of {ppm} ppm is out of range; use {min} to {max}")
            }
            InjectError::Simulated => {
                write!(f, "threads have no queues of links and no service times; only the simulator has them")
            }
        }
    }
}

impl std::error::Error for InjectError {}
