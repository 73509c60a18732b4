//! Configuration errors.

use std::fmt;

use quorate_protocol::{Duration, NodeId};

use crate::terms::TermError;

/// An invalid configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// No node can hold a lease.
    NoHolders,
    /// No nodes to form a majority of.
    NoMembers {
        /// The kind of nodes missing.
        what: &'static str,
    },
    /// A node is listed twice.
    NamedTwice {
        /// The node.
        node: NodeId,
    },
    /// A pushed lease would end before it is extended, or is too short for the clocks that read its
    /// end: `every + skew < term / 2` is false.
    TermTooShort {
        /// The interval between pushes.
        every: Duration,
        /// The bound on the error of wall clocks.
        skew: Duration,
        /// The term.
        term: Duration,
    },
    /// A duration is invalid.
    Terms(TermError),
}

impl From<TermError> for ConfigError {
    fn from(error: TermError) -> Self {
        ConfigError::Terms(error)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::NoHolders => f.write_str("nobody can hold a lease: name at least one holder"),
            ConfigError::NoMembers { what } => write!(f, "there are no {what}: name at least one, better three"),
            ConfigError::NamedTwice { node } => write!(f, "{node} is named twice: give each node one place"),
            ConfigError::TermTooShort { every, skew, term } => write!(
                f,
                "the term is too short for its clocks: {every:?} + {skew:?} < {term:?} / 2 is false, choose a longer term \
                 or better clocks"
            ),
            ConfigError::Terms(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ConfigError::Terms(error) => Some(error),
            _ => None,
        }
    }
}

/// Refuses an empty list of nodes, and one with duplicates.
pub(crate) fn distinct(what: &'static str, nodes: &[NodeId]) -> Result<(), ConfigError> {
    if nodes.is_empty() {
        return Err(ConfigError::NoMembers { what });
    }
    let mut sorted = nodes.to_vec();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(ConfigError::NamedTwice { node: pair[0] }),
        None => Ok(()),
    }
}
