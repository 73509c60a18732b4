//! Errors that end a run, and faults that cannot be injected.

use std::fmt;

use quorate_protocol::{Broken, NodeId, Time};

use crate::env::Misfit;

/// A violation of an invariant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The time.
    pub at: Time,
    /// The node whose step violated it.
    pub node: NodeId,
    /// The invariant, and the details.
    pub broken: Broken,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {} on {}: {}", self.at, self.node, self.broken)
    }
}

impl std::error::Error for Violation {}

/// Reason why a fault could not be injected, or how it ended the run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Halt {
    /// The fault was refused; nothing has happened.
    Misfit(Misfit),
    /// It led to a violation of an invariant.
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
