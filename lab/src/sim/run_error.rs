//! Errors that end a run, and faults that cannot be injected.

use std::fmt;

use quorate_protocol::{InvariantViolation, NodeId, Time};

use crate::env::InjectError;

/// A violation of an invariant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// The time.
    pub at: Time,
    /// The node whose step violated it.
    pub node: NodeId,
    /// The invariant, and the details.
    pub broken: InvariantViolation,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {} on {}: {}", self.at, self.node, self.broken)
    }
}

impl std::error::Error for Violation {}

/// Reason why a fault could not be injected, or how it ended the run.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RunError {
    /// The fault was refused; nothing has happened.
    Refused(InjectError),
    /// It led to a violation of an invariant.
    Violation(Violation),
}

impl From<InjectError> for RunError {
    fn from(refused: InjectError) -> Self {
        RunError::Refused(refused)
    }
}

impl From<Violation> for RunError {
    fn from(violation: Violation) -> Self {
        RunError::Violation(violation)
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Refused(refused) => refused.fmt(f),
            RunError::Violation(violation) => violation.fmt(f),
        }
    }
}

impl std::error::Error for RunError {}
