//! Configuration of a sender, a broker and a receiver.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The node that places orders, and has the message table.
    pub sender: NodeId,
    /// The node that keeps messages on their way.
    pub broker: NodeId,
    /// The node that handles them.
    pub receiver: NodeId,
    /// Interval at which the sender forwards, and the broker delivers, again.
    pub retry: Duration,
    /// Time that the receiver works on a message.
    pub work: Duration,
}

impl Settings {
    /// The default settings: retries every 50 ms, and 5 ms of work on a message.
    pub const fn new(sender: NodeId, broker: NodeId, receiver: NodeId) -> Self {
        let (retry, work) = (Duration::from_millis(50), Duration::from_millis(5));
        Settings { sender, broker, receiver, retry, work }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        let Settings { sender, broker, receiver, retry, .. } = self;
        if let Some((node, _)) = [(sender, broker), (broker, receiver), (receiver, sender)].iter().find(|(a, b)| a == b)
        {
            return Err(ConfigError::NamedTwice { node: *node });
        }
        if retry.is_zero() {
            return Err(ConfigError::NoRetry);
        }
        Ok(Config(Arc::new(self)))
    }
}

/// Checked configuration, the same for all nodes. Made by [`Settings::build`]; cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config(Arc<Settings>);

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0
    }
}

/// An invalid configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConfigError {
    /// A node has two roles.
    NamedTwice {
        /// The node.
        node: NodeId,
    },
    /// The retry interval is zero.
    NoRetry,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::NamedTwice { node } => {
                write!(f, "{node} has two roles: give sender, broker and receiver a node each")
            }
            ConfigError::NoRetry => f.write_str("the retry interval is zero: choose at least a nanosecond"),
        }
    }
}

impl std::error::Error for ConfigError {}
