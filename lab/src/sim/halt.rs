//! What ends a run, and what cannot be done to one.

use std::fmt;

use quorate_protocol::{Broken, ClientId, NodeId, Time};

use super::host::Status;

/// An invariant broke.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// When.
    pub at: Time,
    /// The node whose step broke it.
    pub node: NodeId,
    /// What broke, and how.
    pub broken: Broken,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {} on {}: {}", self.at, self.node, self.broken)
    }
}

impl std::error::Error for Violation {}

/// Numbers that requests may have: far more than a run can make, and far from where counting ends.
pub(super) const TICKET_MAX: u64 = 1_000_000_000_000;

/// A fault that makes no sense now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Misfit {
    /// There is no such node.
    NoSuchNode(NodeId),
    /// There is no such client.
    NoSuchClient(ClientId),
    /// The node is down, or up, or paused, and the fault needs it otherwise.
    WrongStatus {
        /// The node.
        node: NodeId,
        /// What it is.
        status: Status,
    },
    /// A number that no request has: the next one must have a higher one.
    TicketOutOfRange(u64),
    /// A clock cannot run so slow (it would stand still or go backwards) or so fast (more than twice its rate).
    DriftOutOfRange(i32),
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::NoSuchNode(node) => write!(f, "there is no node {node}"),
            Misfit::NoSuchClient(client) => write!(f, "there is no client {client}"),
            Misfit::WrongStatus { node, status: Status::Up } => write!(f, "{node} is up"),
            Misfit::WrongStatus { node, status: Status::Down } => write!(f, "{node} is down; restart it first"),
            Misfit::WrongStatus { node, status: Status::Paused } => write!(f, "{node} is paused; resume it first"),
            Misfit::TicketOutOfRange(number) => {
                write!(f, "a request's number of {number} is out of range; use 0 to {TICKET_MAX}")
            }
            Misfit::DriftOutOfRange(ppm) => {
                write!(f, "a drift of {ppm} ppm is out of range; use -999999 to 1000000")
            }
        }
    }
}

impl std::error::Error for Misfit {}

/// Why a fault could not be injected, or how it ended the run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Halt {
    /// It makes no sense now; nothing has happened.
    Misfit(Misfit),
    /// It broke an invariant.
    Violation(Violation),
}

impl From<Misfit> for Halt {
    fn from(misfit: Misfit) -> Self {
        Halt::Misfit(misfit)
    }
}

impl From<Violation> for Halt {
    fn from(violation: Violation) -> Self {
        Halt::Violation(violation)
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Halt::Misfit(misfit) => misfit.fmt(f),
            Halt::Violation(violation) => violation.fmt(f),
        }
    }
}

impl std::error::Error for Halt {}
