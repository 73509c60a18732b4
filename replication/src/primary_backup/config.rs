//! Configuration of a primary with a backup.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

use super::message::View;

/// Point at which the primary acknowledges a write.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mode {
    /// After its backup has stored the write.
    Synchronous,
    /// At once; the backup hears of it later.
    Asynchronous,
}

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The servers. The first is the primary of the first view, the second its backup.
    pub servers: Vec<NodeId>,
    /// The node that names views.
    pub monitor: NodeId,
    /// Point at which the primary acknowledges.
    pub mode: Mode,
    /// Interval of the pings to the monitor, and of repeated messages.
    pub ping: Duration,
    /// Silence after which a server is taken for dead, and after which the primary refuses a
    /// request that waits for the backup.
    pub dead_after: Duration,
}

impl Settings {
    /// The default settings: a ping every 20 ms, dead after 100 ms.
    pub fn new(servers: impl IntoIterator<Item = NodeId>, monitor: NodeId, mode: Mode) -> Self {
        Settings {
            servers: servers.into_iter().collect(),
            monitor,
            mode,
            ping: Duration::from_millis(20),
            dead_after: Duration::from_millis(100),
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        if self.servers.len() < 2 {
            return Err(ConfigError::TooFew { servers: self.servers.len() });
        }
        let mut sorted: Vec<NodeId> = self.servers.iter().chain([&self.monitor]).copied().collect();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::NamedTwice { node: pair[0] });
        }
        if self.ping.is_zero() {
            return Err(ConfigError::NoTime);
        }
        if self.dead_after < self.ping {
            return Err(ConfigError::Hasty { ping: self.ping, dead_after: self.dead_after });
        }
        Ok(Config(Arc::new(self)))
    }
}

/// Checked configuration, the same for all nodes. Made by [`Settings::build`]; cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config(Arc<Settings>);

impl Config {
    /// The first view.
    pub(crate) fn first_view(&self) -> View {
        View { number: 1, primary: self.servers[0], backup: self.servers.get(1).copied() }
    }

    /// Whether so many intervals of silence are as long as a server may be silent.
    pub(crate) fn is_dead(&self, silent: u32) -> bool {
        self.ping.saturating_mul(silent) >= self.dead_after
    }
}

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0
    }
}

/// An invalid configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConfigError {
    /// There is no backup.
    TooFew {
        /// The number of servers.
        servers: usize,
    },
    /// A node is listed twice.
    NamedTwice {
        /// The node.
        node: NodeId,
    },
    /// The ping interval is zero.
    NoTime,
    /// A server is taken for dead before its next ping is due.
    Hasty {
        /// The ping interval.
        ping: Duration,
        /// The silence that is allowed.
        dead_after: Duration,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::TooFew { servers } => {
                write!(f, "the number of servers is {servers}: name a primary and at least one backup")
            }
            ConfigError::NamedTwice { node } => write!(f, "{node} is named twice: give each node one place"),
            ConfigError::NoTime => f.write_str("the ping interval is zero: choose at least a nanosecond"),
            ConfigError::Hasty { ping, dead_after } => {
                write!(f, "a server is dead after {dead_after:?}, and pings every {ping:?}: choose a longer silence")
            }
        }
    }
}

impl std::error::Error for ConfigError {}
