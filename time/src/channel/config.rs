//! Configuration of a channel.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

use super::checksum::Checksum;
use crate::rto::Limits;

/// The moment at which a client is told that its message has arrived.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Answer {
    /// When the receiver's network layer has acknowledged it.
    Acknowledged,
    /// When the receiver's application has said that it is processed.
    Processed,
}

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The side that sends.
    pub sender: NodeId,
    /// The side that receives.
    pub receiver: NodeId,
    /// Segments that may be on their way, or held by the receiver, at a time.
    pub window: u64,
    /// Time that the receiver's application needs for a segment.
    pub work: Duration,
    /// Limits of the retransmission timeout.
    pub limits: Limits,
    /// Checksum of segments.
    pub checksum: Checksum,
    /// The moment of a client's answer.
    pub answer: Answer,
}

impl Settings {
    /// A window of 8 segments, an application that needs a millisecond for each, the limits of RFC
    /// 6298, TCP's checksum, answers of the application.
    pub fn new(sender: NodeId, receiver: NodeId) -> Self {
        Settings {
            sender,
            receiver,
            window: 8,
            work: Duration::from_millis(1),
            limits: Limits::RFC_6298,
            checksum: Checksum::Internet,
            answer: Answer::Processed,
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        let Limits { initial, min, max, .. } = self.limits;
        if self.sender == self.receiver {
            return Err(ConfigError::OneNode { node: self.sender });
        }
        if self.window == 0 {
            return Err(ConfigError::NoWindow);
        }
        if min.is_zero() || initial.is_zero() || min > max {
            return Err(ConfigError::BadLimits { min, max });
        }
        Ok(Config(Arc::new(self)))
    }
}

/// Checked configuration, the same for both nodes. Made by [`Settings::build`]; cheap to clone.
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
    /// Sender and receiver are the same node.
    OneNode {
        /// The node.
        node: NodeId,
    },
    /// The window is zero.
    NoWindow,
    /// A timeout of zero, or limits in the wrong order.
    BadLimits {
        /// The shortest timeout.
        min: Duration,
        /// The longest timeout.
        max: Duration,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::OneNode { node } => write!(f, "{node} sends to itself: name another receiver"),
            ConfigError::NoWindow => f.write_str("a window of 0 lets nothing pass: choose at least 1"),
            ConfigError::BadLimits { min, max } => {
                write!(
                    f,
                    "timeouts between {min:?} and {max:?} are impossible: none is zero, and the longest is larger"
                )
            }
        }
    }
}

impl std::error::Error for ConfigError {}
