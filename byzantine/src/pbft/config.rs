//! Configuration of a PBFT cluster.

use std::fmt;

use quorate_protocol::{Duration, NodeId};

use super::liar::Lie;
use crate::config::ConfigWithLie;

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The replicas, in the order in which they are primaries. With 3f+1 of them the cluster bears
    /// f liars.
    pub replicas: Vec<NodeId>,
    /// The proxies, which ask the replicas on behalf of clients.
    pub proxies: Vec<NodeId>,
    /// The number of requests between two checkpoints, K in the paper.
    pub checkpoint_every: u64,
    /// The distance of the water marks, L in the paper: the number of requests that a log holds.
    pub window: u64,
    /// Time that a primary has to execute a request; it doubles with each view change in a row.
    pub view_timeout: Duration,
    /// Interval at which a replica that waits for something tells how far it is.
    pub status_interval: Duration,
    /// Time after which a proxy sends its request to all replicas.
    pub retry: Duration,
}

impl Settings {
    /// The default settings: a checkpoint after 4 requests, a log of 8, 200 ms for a primary, a
    /// status every 50 ms, and 100 ms until a proxy asks all.
    pub fn new(replicas: impl IntoIterator<Item = NodeId>, proxies: impl IntoIterator<Item = NodeId>) -> Self {
        Settings {
            replicas: replicas.into_iter().collect(),
            proxies: proxies.into_iter().collect(),
            checkpoint_every: 4,
            window: 8,
            view_timeout: Duration::from_millis(200),
            status_interval: Duration::from_millis(50),
            retry: Duration::from_millis(100),
        }
    }

    /// The number of liars that the cluster bears: f, of 3f+1 replicas.
    pub fn faults(&self) -> usize {
        self.replicas.len().saturating_sub(1) / 3
    }

    /// The primary of a view.
    pub fn primary(&self, view: u64) -> NodeId {
        let replicas = self.replicas.len().max(1) as u64;
        self.replicas.get((view % replicas) as usize).copied().unwrap_or(NodeId(0))
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        if self.replicas.len() < 4 {
            return Err(ConfigError::TooFew { replicas: self.replicas.len() });
        }
        if self.proxies.is_empty() {
            return Err(ConfigError::NoProxy);
        }
        let mut nodes: Vec<NodeId> = self.replicas.iter().chain(&self.proxies).copied().collect();
        nodes.sort_unstable();
        if let Some(pair) = nodes.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::NamedTwice { node: pair[0] });
        }
        if self.checkpoint_every == 0 || self.window < self.checkpoint_every {
            return Err(ConfigError::Window { window: self.window, every: self.checkpoint_every });
        }
        for (what, span) in [
            ("time of a primary", self.view_timeout),
            ("status interval", self.status_interval),
            ("retry interval", self.retry),
        ] {
            if span.is_zero() {
                return Err(ConfigError::NoTime { what });
            }
        }
        Ok(Config::honest(self))
    }
}

/// Checked configuration of a node. Made by [`Settings::build`]; cheap to clone.
pub type Config = ConfigWithLie<Settings, Lie>;

/// An invalid configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConfigError {
    /// There are fewer than four replicas, so none may lie.
    TooFew {
        /// Their number.
        replicas: usize,
    },
    /// No node asks on behalf of clients.
    NoProxy,
    /// A node is listed twice.
    NamedTwice {
        /// The node.
        node: NodeId,
    },
    /// A log ends before its next checkpoint.
    Window {
        /// The size of the log.
        window: u64,
        /// The number of requests between two checkpoints.
        every: u64,
    },
    /// A duration is zero.
    NoTime {
        /// The duration.
        what: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::TooFew { replicas } => {
                write!(f, "{replicas} replicas bear no liar: name at least 4, or 3f+1 for f liars")
            }
            ConfigError::NoProxy => f.write_str("there is no proxy: name a node through which clients ask"),
            ConfigError::NamedTwice { node } => write!(f, "{node} is named twice: give each node one place"),
            ConfigError::Window { window, every } => write!(
                f,
                "a log of {window} with a checkpoint after every {every} requests cannot go on: \
                 choose at least 1 for the checkpoints, and a log that is no shorter"
            ),
            ConfigError::NoTime { what } => write!(f, "the {what} is zero: choose at least a nanosecond"),
        }
    }
}

impl std::error::Error for ConfigError {}
