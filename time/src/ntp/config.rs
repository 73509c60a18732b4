//! Configuration of time servers and hosts.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

use super::discipline::Thresholds;
use crate::Drift;

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The time servers. All other nodes are hosts.
    pub sources: Vec<NodeId>,
    /// Stratum of the sources: 1 for a reference of their own, one more for each server in between.
    pub stratum: u8,
    /// Error of a source's clock, in both directions: its root dispersion.
    pub source_error: Duration,
    /// Bound on the drift of a host's clock.
    pub drift: Drift,
    /// Shortest interval of a host's polls, on its own clock.
    pub poll: Duration,
    /// Longest interval of a host's polls.
    pub max_poll: Duration,
    /// The thresholds of the clock discipline.
    pub thresholds: Thresholds,
    /// Error above which a host does not count itself synchronised.
    pub max_error: Duration,
    /// Error above which a host raises an alarm at its next poll; `None` for no alarm.
    pub alarm: Option<Duration>,
}

impl Settings {
    /// The numbers of RFC 5905: polls from 64 s to 1024 s, a drift of 15 microseconds in a second
    /// (§11.1), a step above 128 ms that stays for 900 s, a panic above 1000 s (§11.3), and an
    /// error of 16 s at most. Sources are within 1 ms.
    pub fn new(sources: impl IntoIterator<Item = NodeId>) -> Self {
        Settings {
            sources: sources.into_iter().collect(),
            stratum: 1,
            source_error: Duration::from_millis(1),
            drift: Drift::ppm(15).unwrap_or_default(),
            poll: Duration::from_secs(64),
            max_poll: Duration::from_secs(1024),
            thresholds: Thresholds::default(),
            max_error: Duration::from_secs(16),
            alarm: None,
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        let mut sorted = self.sources.clone();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::NamedTwice { node: pair[0] });
        }
        if sorted.is_empty() {
            return Err(ConfigError::NoSource);
        }
        if !(1..=14).contains(&self.stratum) {
            return Err(ConfigError::Stratum { stratum: self.stratum });
        }
        if self.poll.is_zero() || self.max_poll < self.poll {
            return Err(ConfigError::Poll { poll: self.poll, max_poll: self.max_poll });
        }
        let Thresholds { step, panic, panic_at_boot, .. } = self.thresholds;
        let panic = panic.min(panic_at_boot);
        if panic < step {
            return Err(ConfigError::PanicBelowStep { step, panic });
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
    /// There is no source.
    NoSource,
    /// A source is listed twice.
    NamedTwice {
        /// The node.
        node: NodeId,
    },
    /// The stratum is none of a server.
    Stratum {
        /// The stratum.
        stratum: u8,
    },
    /// The poll interval is zero, or above its largest value.
    Poll {
        /// The shortest interval.
        poll: Duration,
        /// The longest interval.
        max_poll: Duration,
    },
    /// An offset that panics would be slewed.
    PanicBelowStep {
        /// The step threshold.
        step: Duration,
        /// The panic threshold.
        panic: Duration,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::NoSource => f.write_str("there is no source: name at least one time server"),
            ConfigError::NamedTwice { node } => write!(f, "{node} is named twice: name each source once"),
            ConfigError::Stratum { stratum } => {
                write!(f, "stratum {stratum} is not one of a server: choose 1 to 14, since hosts are one below")
            }
            ConfigError::Poll { poll, max_poll } => {
                write!(f, "polls of {poll:?} to {max_poll:?}: choose a first one above zero, and not above the second")
            }
            ConfigError::PanicBelowStep { step, panic } => {
                write!(f, "a step is above {step:?}, and a panic above {panic:?}: choose a larger panic threshold")
            }
        }
    }
}

impl std::error::Error for ConfigError {}
