//! Configuration of a cluster for Paxos Commit.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_paxos::Quorums;
use quorate_protocol::{Duration, NodeId};

use crate::roles::named_twice;

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The nodes that decide. The first one takes the requests of clients; each of them can finish
    /// what it has begun.
    pub leaders: Vec<NodeId>,
    /// The nodes that hold rows.
    pub participants: Vec<NodeId>,
    /// The nodes that remember the votes: 2F+1 of them tolerate F failures.
    pub acceptors: Vec<NodeId>,
    /// The amount of every row at first.
    pub opening: i64,
    /// Timeout after which a leader begins a ballot, or another one, for a transaction that is not
    /// decided.
    pub vote_timeout: Duration,
    /// Interval at which a participant in doubt asks a leader.
    pub retry: Duration,
}

impl Settings {
    /// The default settings: rows of 10, votes within 100 ms, questions every 80 ms.
    ///
    /// A participant asks the second leader after two intervals: the first one can finish a ballot
    /// of its own in between.
    pub fn new(
        leaders: impl IntoIterator<Item = NodeId>,
        participants: impl IntoIterator<Item = NodeId>,
        acceptors: impl IntoIterator<Item = NodeId>,
    ) -> Self {
        Settings {
            leaders: leaders.into_iter().collect(),
            participants: participants.into_iter().collect(),
            acceptors: acceptors.into_iter().collect(),
            opening: 10,
            vote_timeout: Duration::from_millis(100),
            retry: Duration::from_millis(80),
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        let Some(&first) = self.leaders.first() else { return Err(ConfigError::Nobody { role: "leaders" }) };
        for (role, nodes) in [("participants", &self.participants), ("acceptors", &self.acceptors)] {
            if nodes.is_empty() {
                return Err(ConfigError::Nobody { role });
            }
        }
        let all = self.leaders.iter().chain(&self.participants).chain(&self.acceptors);
        if let Some(node) = named_twice(all) {
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
        Ok(Config(Arc::new((first, self))))
    }
}

/// Checked configuration, the same for all nodes. Made by [`Settings::build`]; cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config(Arc<(NodeId, Settings)>);

impl Config {
    /// The leader that takes the requests of clients, and counts the votes of ballot 0.
    pub fn first_leader(&self) -> NodeId {
        self.0.0
    }

    /// Majorities of the acceptors.
    pub fn quorums(&self) -> Quorums {
        let acceptors = self.acceptors.len();
        let majority = acceptors / 2 + 1;
        Quorums { acceptors, phase_1: majority, phase_2: majority }
    }
}

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0.1
    }
}

/// An invalid configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConfigError {
    /// A role has no node.
    Nobody {
        /// The role.
        role: &'static str,
    },
    /// A node is listed twice.
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
            ConfigError::Nobody { role } => write!(f, "there are no {role}: name at least one, better three"),
            ConfigError::NamedTwice { node } => {
                write!(f, "{node} is named twice: give each node one role, and one place in it")
            }
            ConfigError::Negative { opening } => {
                write!(f, "rows cannot begin at {opening}: amounts are never below 0")
            }
            ConfigError::NoTime { what } => write!(f, "the {what} is zero: choose at least a nanosecond"),
        }
    }
}

impl std::error::Error for ConfigError {}
