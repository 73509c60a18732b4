//! Configuration of a Multi-Paxos cluster: that of Basic Paxos, with learning proposers, and the
//! leader's timing.

use std::fmt;
use std::ops::Deref;

use quorate_protocol::{Delay, Duration, NodeId};

use crate::config;

/// The roles and quorums of a [cluster](config::Config), to which this dereferences, and the
/// leader's timing. Cloning it is cheap.
///
/// The catch-up delay and the retry timeout of the base configuration are not used: heartbeats and
/// the election timeout replace them. The back-off widens the election timeout of a proposer whose
/// ballots keep failing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    roles: config::Config,
    rhythm: Rhythm,
}

/// Heartbeat interval of a leader and election timeout of the others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Rhythm {
    /// Interval between heartbeats.
    pub heartbeat: Duration,
    /// Election timeout. It is drawn anew each time, so that two proposers seldom campaign at once.
    pub election: Delay,
}

impl Default for Rhythm {
    /// A heartbeat every 50 ms, an election timeout of 150 ms to 300 ms.
    fn default() -> Self {
        let election = (Duration::from_millis(150)..Duration::from_millis(300)).into();
        Rhythm { heartbeat: Duration::from_millis(50), election }
    }
}

impl Config {
    /// A cluster with the given timing.
    ///
    /// # Errors
    /// [`ConfigError`] if a proposer is not a learner, if the heartbeat interval is zero, or if the
    /// election timeout can be as short as it.
    pub fn new(roles: config::Config, rhythm: Rhythm) -> Result<Config, ConfigError> {
        if let Some(&node) = roles.proposers().iter().find(|&&node| !roles.is_learner(node)) {
            return Err(ConfigError::ProposerDoesNotLearn { node });
        }
        let Rhythm { heartbeat, election } = rhythm;
        if heartbeat.is_zero() {
            return Err(ConfigError::NoHeartbeat);
        }
        if election.min() <= heartbeat {
            return Err(ConfigError::ImpatientElection { heartbeat, election: election.min() });
        }
        Ok(Config { roles, rhythm })
    }

    /// Heartbeat interval of a leader and election timeout of the others.
    pub fn rhythm(&self) -> Rhythm {
        self.rhythm
    }
}

impl Deref for Config {
    type Target = config::Config;

    fn deref(&self) -> &config::Config {
        &self.roles
    }
}

/// Error of an invalid configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A proposer that is not a learner: a leader must know what is chosen before it can go on
    /// (*Paxos Made Simple* §3).
    ProposerDoesNotLearn {
        /// The proposer.
        node: NodeId,
    },
    /// A heartbeat interval of zero.
    NoHeartbeat,
    /// An election timeout that can expire between two heartbeats.
    ImpatientElection {
        /// Interval between heartbeats.
        heartbeat: Duration,
        /// The shortest election timeout.
        election: Duration,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::ProposerDoesNotLearn { node } => {
                write!(f, "{node} proposes but does not learn: add it to the learners, a leader must know the log")
            }
            ConfigError::NoHeartbeat => {
                write!(f, "the heartbeat interval is zero: choose at least 1 ns, better several round trips")
            }
            ConfigError::ImpatientElection { heartbeat, election } => write!(
                f,
                "an election after {election:?} can fall between two heartbeats {heartbeat:?} apart: \
                 choose an election delay of several heartbeats"
            ),
        }
    }
}

impl std::error::Error for ConfigError {}
