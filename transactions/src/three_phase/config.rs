//! Configuration of a cluster for three-phase commit.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

use crate::roles::named_twice;

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The node that begins transactions and decides while it is up.
    pub coordinator: NodeId,
    /// The nodes that hold rows. The first one that is up takes over from the coordinator.
    pub participants: Vec<NodeId>,
    /// The amount of every row at first.
    pub opening: i64,
    /// Timeout after which a coordinator, or a participant in its place, does without an answer. It
    /// must be longer than the way there and back.
    pub answer_timeout: Duration,
    /// Time without a message after which the first participant takes over; the second one waits
    /// twice as long, and so on.
    pub silence: Duration,
    /// Interval at which a restarted node asks what became of its transactions.
    pub retry: Duration,
}

impl Settings {
    /// The default settings: rows of 10, answers within 100 ms, 250 ms of silence, and questions
    /// every 50 ms after a restart. They fit messages that take at most 50 ms.
    pub fn new(coordinator: NodeId, participants: impl IntoIterator<Item = NodeId>) -> Self {
        Settings {
            coordinator,
            participants: participants.into_iter().collect(),
            opening: 10,
            answer_timeout: Duration::from_millis(100),
            silence: Duration::from_millis(250),
            retry: Duration::from_millis(50),
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
        for (what, span) in [("answer timeout", self.answer_timeout), ("retry interval", self.retry)] {
            if span.is_zero() {
                return Err(ConfigError::NoTime { what });
            }
        }
        if self.silence <= self.answer_timeout {
            let (silence, answer_timeout) = (self.silence, self.answer_timeout);
            return Err(ConfigError::TooImpatient { silence, answer_timeout });
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
    /// A participant would take over while the coordinator still waits for answers.
    TooImpatient {
        /// Time without a message after which the first participant takes over.
        silence: Duration,
        /// Time for which the coordinator waits.
        answer_timeout: Duration,
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
            ConfigError::TooImpatient { silence, answer_timeout } => write!(
                f,
                "a participant would take over after {silence:?}, while the coordinator waits {answer_timeout:?} for \
                 answers: choose a longer silence"
            ),
        }
    }
}

impl std::error::Error for ConfigError {}
