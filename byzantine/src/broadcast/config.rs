//! Configuration of a broadcast.

use std::fmt;

use quorate_protocol::NodeId;

use super::liar::Lie;
use crate::config::ConfigWithLie;

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The nodes, the sender first. With 3f+1 of them the broadcast bears f liars.
    pub nodes: Vec<NodeId>,
}

impl Settings {
    /// Settings for these nodes, the sender first.
    pub fn new(nodes: impl IntoIterator<Item = NodeId>) -> Self {
        Settings { nodes: nodes.into_iter().collect() }
    }

    /// The number of liars that the nodes bear: less than a third.
    pub fn faults(&self) -> usize {
        self.nodes.len().saturating_sub(1) / 3
    }

    /// The sender.
    pub fn sender(&self) -> NodeId {
        self.nodes.first().copied().unwrap_or(NodeId(0))
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        if self.nodes.len() < 4 {
            return Err(ConfigError::TooFew { nodes: self.nodes.len() });
        }
        let mut sorted = self.nodes.clone();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::NamedTwice { node: pair[0] });
        }
        Ok(Config::honest(self))
    }
}

/// Checked configuration of a node. Made by [`Settings::build`]; cheap to clone.
pub type Config = ConfigWithLie<Settings, Lie>;

/// An invalid configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConfigError {
    /// There are fewer than four nodes, so none may lie.
    TooFew {
        /// Their number.
        nodes: usize,
    },
    /// A node is listed twice.
    NamedTwice {
        /// The node.
        node: NodeId,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::TooFew { nodes } => {
                write!(f, "{nodes} nodes bear no liar: name at least 4, or 3f+1 for f liars")
            }
            ConfigError::NamedTwice { node } => write!(f, "{node} is named twice: give each node one place"),
        }
    }
}

impl std::error::Error for ConfigError {}
