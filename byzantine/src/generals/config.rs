//! Configuration of an army.

use std::fmt;

use quorate_protocol::{Duration, NodeId};

use super::liar::Lie;
use crate::config::ConfigWithLie;

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The generals, the commander first.
    pub generals: Vec<NodeId>,
    /// The m of OM(m): how often an order is sent on, and the number of traitors that the algorithm
    /// is for.
    pub m: usize,
    /// Time after which a message that has not arrived does not exist.
    pub deadline: Duration,
}

impl Settings {
    /// Settings with a deadline of 100 ms.
    pub fn new(generals: impl IntoIterator<Item = NodeId>, m: usize) -> Self {
        Settings { generals: generals.into_iter().collect(), m, deadline: Duration::from_millis(100) }
    }

    /// The number of traitors that so many generals bear: less than a third (§3, theorem 1).
    pub fn bears(&self) -> usize {
        self.generals.len().saturating_sub(1) / 3
    }

    /// The commander.
    pub fn commander(&self) -> NodeId {
        self.generals.first().copied().unwrap_or(NodeId(0))
    }

    /// Checks the settings. Armies too small for their traitors are allowed: that they fail is to
    /// be seen.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        let generals = self.generals.len();
        if generals < 2 {
            return Err(ConfigError::TooFew { generals });
        }
        let mut sorted = self.generals.clone();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::NamedTwice { node: pair[0] });
        }
        if self.m > generals - 2 || self.m > MOST {
            return Err(ConfigError::TooManyRelays { m: self.m, most: MOST.min(generals - 2) });
        }
        if self.deadline.is_zero() {
            return Err(ConfigError::NoTime);
        }
        Ok(Config::honest(self))
    }
}

/// The largest m: the number of messages grows like the power of it.
const MOST: usize = 4;

/// Checked configuration of a general. Made by [`Settings::build`]; cheap to clone.
pub type Config = ConfigWithLie<Settings, Lie>;

/// An invalid configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConfigError {
    /// There is no commander with a lieutenant.
    TooFew {
        /// The number of generals.
        generals: usize,
    },
    /// A general is listed twice.
    NamedTwice {
        /// The node.
        node: NodeId,
    },
    /// Orders cannot be sent on so often.
    TooManyRelays {
        /// The m asked for.
        m: usize,
        /// The largest m.
        most: usize,
    },
    /// The deadline is zero.
    NoTime,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::TooFew { generals } => {
                write!(f, "{generals} generals are no army: name a commander and a lieutenant at least")
            }
            ConfigError::NamedTwice { node } => write!(f, "{node} is named twice: give each general one place"),
            ConfigError::TooManyRelays { m, most } => {
                write!(f, "these generals cannot send an order on {m} times: choose an m of at most {most}")
            }
            ConfigError::NoTime => f.write_str("the deadline is zero: choose at least a nanosecond"),
        }
    }
}

impl std::error::Error for ConfigError {}
