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
    /// Segments that may be sent and not processed, at a time.
    pub window: u64,
    /// Segments that the receiver has room for, if it has less than the sender's window.
    pub room: Option<u64>,
    /// Count of sequence numbers: after the last of them they begin at 0 again.
    pub numbers: u64,
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
    /// A window of 8 segments and as much room, the sequence numbers of TCP, an application that
    /// needs a millisecond for each segment, the limits of RFC 6298, TCP's checksum, answers of the
    /// application.
    pub fn new(sender: NodeId, receiver: NodeId) -> Self {
        Settings {
            sender,
            receiver,
            window: 8,
            room: None,
            numbers: 1 << 32,
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
        if self.window == 0 || self.room == Some(0) {
            return Err(ConfigError::NoWindow);
        }
        if self.window > self.numbers.saturating_sub(1) / 2 {
            return Err(ConfigError::FewNumbers { window: self.window, numbers: self.numbers });
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

impl Config {
    /// Segments that the receiver has room for.
    pub fn room(&self) -> u64 {
        self.0.room.unwrap_or(self.0.window)
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
    /// Sender and receiver are the same node.
    OneNode {
        /// The node.
        node: NodeId,
    },
    /// The window or the receiver's room is zero.
    NoWindow,
    /// An old segment within a window could be taken for a new one.
    FewNumbers {
        /// The window.
        window: u64,
        /// The count of sequence numbers.
        numbers: u64,
    },
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
            ConfigError::NoWindow => f.write_str("a window or a room of 0 lets nothing pass: choose at least 1"),
            ConfigError::FewNumbers { window, numbers } => write!(
                f,
                "with {numbers} sequence numbers and a window of {window} an old segment looks new: choose more than \
                 twice as many numbers as the window has segments"
            ),
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
