//! Configuration of a balancer and its servers.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

/// Way in which a server answers probes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Probes {
    /// A probe waits in the queue behind the work that came before it.
    Queued,
    /// A probe is answered at once, by a thread of its own.
    Aside,
}

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The balancer.
    pub balancer: NodeId,
    /// The servers.
    pub servers: Vec<NodeId>,
    /// Nodes that report what they know: operating systems, switches.
    pub reporters: Vec<NodeId>,
    /// Time between two probes of a server.
    pub interval: Duration,
    /// Probes in a row without an answer in time, after which a server is taken for dead.
    pub misses: u32,
    /// Time that a server needs for a request.
    pub work: Duration,
    /// Requests that a server has room for, the one that it works on included.
    pub room: usize,
    /// Way in which servers answer probes.
    pub probes: Probes,
    /// Share of healthy servers, in percent, below which all are sent to.
    pub panic: u32,
    /// Servers that must be in service while others are absent by plan.
    pub keep: usize,
    /// Probe intervals after which a request without an answer is given up.
    pub give_up: u32,
}

impl Settings {
    /// A probe each second, three misses, 100 ms of work, room for 16 requests, probes that wait
    /// behind work, Envoy's panic threshold of 50 %, one server that must remain, and 20 intervals
    /// for a request.
    pub fn new(balancer: NodeId, servers: Vec<NodeId>) -> Self {
        let keep = usize::from(servers.len() > 1);
        Settings {
            balancer,
            servers,
            reporters: Vec::new(),
            interval: Duration::from_secs(1),
            misses: 3,
            work: Duration::from_millis(100),
            room: 16,
            probes: Probes::Queued,
            panic: 50,
            keep,
            give_up: 20,
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        let mut roles = [&[self.balancer][..], &self.servers, &self.reporters].concat();
        roles.sort_unstable();
        if let Some(twice) = roles.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::TwoRoles { node: twice[0] });
        }
        if self.servers.is_empty() {
            return Err(ConfigError::NoServers);
        }
        if self.keep >= self.servers.len() {
            return Err(ConfigError::KeepsTooMany { keep: self.keep, servers: self.servers.len() });
        }
        if self.panic > 100 {
            return Err(ConfigError::BadShare { percent: self.panic });
        }
        if self.interval.is_zero() || self.misses == 0 || self.room == 0 || self.give_up == 0 {
            return Err(ConfigError::Zero);
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
    /// A node has two roles.
    TwoRoles {
        /// The node.
        node: NodeId,
    },
    /// There is no server.
    NoServers,
    /// The servers that must remain are so many that none could ever leave.
    KeepsTooMany {
        /// The number that must remain.
        keep: usize,
        /// The number of servers.
        servers: usize,
    },
    /// A share above 100 %.
    BadShare {
        /// The share.
        percent: u32,
    },
    /// An interval, a number of misses, a room or a number of intervals is zero.
    Zero,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::TwoRoles { node } => write!(f, "{node} is named twice: give each node one role"),
            ConfigError::NoServers => f.write_str("a balancer without servers sends nothing: name at least 1"),
            ConfigError::KeepsTooMany { keep, servers } => {
                write!(f, "{keep} of {servers} servers cannot remain while one is absent: keep at most {}", servers - 1)
            }
            ConfigError::BadShare { percent } => write!(f, "a share of {percent} % is above 100 %"),
            ConfigError::Zero => f.write_str("interval, misses, room and give-up are at least 1"),
        }
    }
}

impl std::error::Error for ConfigError {}
