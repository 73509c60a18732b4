//! Configuration of time masters and servers.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

use crate::Drift;

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The time masters. All other nodes are servers.
    pub masters: Vec<NodeId>,
    /// The number of masters that may lie.
    pub faulty: usize,
    /// Error of a master's reading, in both directions.
    pub master_error: Duration,
    /// Bound on the drift of a server's clock.
    pub drift: Drift,
    /// Interval of a server's polls, on its own clock.
    pub poll: Duration,
    /// Error above which a server does not read the time.
    pub max_error: Duration,
}

impl Settings {
    /// The numbers of the paper: a poll every 30 s, a drift of 200 microseconds in a second,
    /// masters within 1 ms, an error of at most 10 ms. As many masters may lie as can be found out.
    pub fn new(masters: impl IntoIterator<Item = NodeId>) -> Self {
        let masters: Vec<NodeId> = masters.into_iter().collect();
        Settings {
            faulty: masters.len().saturating_sub(1) / 2,
            masters,
            master_error: Duration::from_millis(1),
            drift: Drift::ppm(200).unwrap_or_default(),
            poll: Duration::from_secs(30),
            max_error: Duration::from_millis(10),
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        let mut sorted = self.masters.clone();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::NamedTwice { node: pair[0] });
        }
        // The product cannot overflow where it matters: there are fewer masters than half of usize.
        if self.masters.len() <= self.faulty.saturating_mul(2) {
            return Err(ConfigError::TooFew { masters: self.masters.len(), faulty: self.faulty });
        }
        if self.poll.is_zero() {
            return Err(ConfigError::NoTime);
        }
        if self.max_error < self.master_error {
            return Err(ConfigError::TooExact { max_error: self.max_error, master_error: self.master_error });
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
    /// The masters that may lie can outvote the others.
    TooFew {
        /// The number of masters.
        masters: usize,
        /// The number that may lie.
        faulty: usize,
    },
    /// A master is listed twice.
    NamedTwice {
        /// The node.
        node: NodeId,
    },
    /// The poll interval is zero.
    NoTime,
    /// The error that is allowed is below that of the masters.
    TooExact {
        /// The error that is allowed.
        max_error: Duration,
        /// The error of a master.
        master_error: Duration,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::TooFew { masters, faulty } => {
                let needed = faulty.saturating_mul(2).saturating_add(1);
                write!(f, "{faulty} of {masters} masters may lie: name at least {needed} masters")
            }
            ConfigError::NamedTwice { node } => write!(f, "{node} is named twice: name each master once"),
            ConfigError::NoTime => f.write_str("the poll interval is zero: choose at least a nanosecond"),
            ConfigError::TooExact { max_error, master_error } => {
                write!(f, "a master is wrong by {master_error:?}, and {max_error:?} are allowed: choose a larger error")
            }
        }
    }
}

impl std::error::Error for ConfigError {}
