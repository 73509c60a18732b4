//! A cluster of Multi-Paxos: one as of Basic Paxos whose proposers learn, and the rhythm of its
//! leader.

use std::fmt;
use std::ops::Deref;

use quorate_protocol::{Delay, Duration, NodeId};

use crate::config;

/// The roles and quorums of a [cluster](config::Config), which this dereferences to, and the
/// leader's rhythm. Cloning it is cheap.
///
/// Of the base configuration, the catch-up delay and the retry timeout play no part here: heartbeats and the election
/// delay do their work. The back-off widens the election delay of a proposer that keeps failing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    roles: config::Config,
    rhythm: Rhythm,
}

/// How often a leader shows that it is there, and how long the others wait for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Rhythm {
    /// From one heartbeat to the next.
    pub heartbeat: Duration,
    /// The silence after which a proposer takes over. It is drawn anew each time, so that two seldom do at once.
    pub election: Delay,
}

impl Default for Rhythm {
    /// A heartbeat every 50 ms, a take-over after 150 ms to 300 ms.
    fn default() -> Self {
        let election = (Duration::from_millis(150)..Duration::from_millis(300)).into();
        Rhythm { heartbeat: Duration::from_millis(50), election }
    }
}

impl Config {
    /// A cluster with the given rhythm.
    ///
    /// # Errors
    /// [`ConfigError`] if a proposer does not learn, or if the rhythm cannot keep a leader in office.
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

    /// How often a leader shows that it is there, and how long the others wait for it.
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

/// Why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A leader has to know what is chosen before it can go on (*Paxos Made Simple* §3), so every proposer learns.
    ProposerDoesNotLearn {
        /// The proposer.
        node: NodeId,
    },
    /// Heartbeats without a pause.
    NoHeartbeat,
    /// Proposers that would take over between two heartbeats.
    ImpatientElection {
        /// From one heartbeat to the next.
        heartbeat: Duration,
        /// The shortest silence before a take-over.
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
