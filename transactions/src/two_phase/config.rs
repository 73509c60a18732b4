//! Configuration of a cluster for two-phase commit.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

use crate::roles::named_twice;

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The node that decides.
    pub coordinator: NodeId,
    /// The nodes that hold rows.
    pub participants: Vec<NodeId>,
    /// The amount of every row at first.
    pub opening: i64,
    /// Timeout after which the coordinator aborts a transaction that lacks a vote.
    pub vote_timeout: Duration,
    /// Interval at which the coordinator announces a commit again, and a participant in doubt asks.
    pub retry: Duration,
    /// Whether a participant in doubt also asks the other participants (cooperative termination).
    pub ask_others: bool,
}

impl Settings {
    /// The default settings: rows of 10, votes within 100 ms, retries every 50 ms, and only the
    /// coordinator is asked.
    pub fn new(coordinator: NodeId, participants: impl IntoIterator<Item = NodeId>) -> Self {
        Settings {
            coordinator,
            participants: participants.into_iter().collect(),
            opening: 10,
            vote_timeout: Duration::from_millis(100),
            retry: Duration::from_millis(50),
            ask_others: false,
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        if self.participants.is_empty() {
            return Err(ConfigError::NoParticipants);
        }
        if self.participants.contains(&self.coordinator) {
            return Err(ConfigError::BothRoles { node: self.coordinator });
        }
        if let Some(node) = named_twice(&self.participants) {
            return Err(ConfigError::NamedTwice { node });
        }
        if self.opening < 0 {
            return Err(ConfigError::Negative { opening: self.opening });
        }
        for (what, span) in [("vote timeout", self.vote_timeout), ("retry interval", self.retry)] {
            if span.is_zero() {
                return Err(ConfigError::NoTime { what });
            }
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
    /// No node holds rows.
    NoParticipants,
    /// The coordinator is also a participant.
    BothRoles {
        /// The node.
        node: NodeId,
    },
    /// A participant is listed twice.
    NamedTwice {
        /// The node.
        node: NodeId,
    },
    /// The opening amount is negative.
    Negative {
        /// The amount.
        opening: i64,
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
            ConfigError::NoParticipants => f.write_str("there are no participants: name at least one, better two"),
            ConfigError::BothRoles { node } => {
                write!(f, "{node} is the coordinator and a participant: give each role a node of its own")
            }
            ConfigError::NamedTwice { node } => write!(f, "{node} is named twice: give each node one place"),
            ConfigError::Negative { opening } => {
                write!(f, "rows cannot begin at {opening}: amounts are never below 0")
            }
            ConfigError::NoTime { what } => write!(f, "the {what} is zero: choose at least a nanosecond"),
        }
    }
}

impl std::error::Error for ConfigError {}
