//! Configuration of a replicated register.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

/// Order of writes in a register that answers at once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Order {
    /// Last writer wins, by the wall clock of the replica that took the write.
    Wall,
    /// Last writer wins, by Lamport clocks.
    Lamport,
    /// Last writer wins, by hybrid logical clocks.
    Hybrid,
    /// Version vectors: concurrent writes are kept side by side, as siblings.
    Vector,
}

/// Session guarantee: what an application's reads must show, whichever replica it asks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Session {
    /// Nothing.
    Off,
    /// The application's own writes.
    ReadYourWrites,
    /// Nothing older than what the application has read.
    MonotonicReads,
}

/// Settings of a register that answers at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Available {
    /// Order of writes.
    pub order: Order,
    /// Session guarantee.
    pub session: Session,
    /// Whether a read also compares copies with the other replicas.
    pub read_repair: bool,
    /// Interval at which a replica compares all copies with one other replica.
    pub anti_entropy: Duration,
    /// Distance into the future up to which a stamp of another node is accepted.
    pub ahead: Duration,
}

impl Default for Available {
    /// Wall clocks, no session, read repair, anti-entropy every second, stamps up to a minute
    /// ahead.
    fn default() -> Self {
        Available {
            order: Order::Wall,
            session: Session::Off,
            read_repair: true,
            anti_entropy: Duration::from_secs(1),
            ahead: Duration::from_secs(60),
        }
    }
}

/// Choice of a register while its network is parted (CAP).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Consistency: a majority, or no answer.
    Consistent,
    /// Availability: an answer, perhaps an old one.
    Available(Available),
}

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The nodes with a copy.
    pub replicas: Vec<NodeId>,
    /// Applications: nodes that send requests to replicas, and remember what they have read and
    /// written.
    pub apps: Vec<NodeId>,
    /// The choice under partition.
    pub mode: Mode,
    /// Time after which a request without a majority, or at a replica that is behind, is refused.
    pub timeout: Duration,
}

impl Settings {
    /// The default settings: no applications, refusal after 100 ms.
    pub fn new(replicas: impl IntoIterator<Item = NodeId>, mode: Mode) -> Self {
        Settings {
            replicas: replicas.into_iter().collect(),
            apps: Vec::new(),
            mode,
            timeout: Duration::from_millis(100),
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        if self.replicas.is_empty() {
            return Err(ConfigError::NoReplicas);
        }
        let mut sorted: Vec<NodeId> = self.replicas.iter().chain(&self.apps).copied().collect();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::NamedTwice { node: pair[0] });
        }
        if self.timeout.is_zero() {
            return Err(ConfigError::NoTime { what: "timeout" });
        }
        if let Mode::Available(Available { anti_entropy, .. }) = self.mode
            && anti_entropy.is_zero()
        {
            return Err(ConfigError::NoTime { what: "anti-entropy interval" });
        }
        Ok(Config(Arc::new(self)))
    }
}

/// Checked configuration, the same for all nodes. Made by [`Settings::build`]; cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config(Arc<Settings>);

impl Config {
    /// The settings of a register that answers at once; `None` for one that needs a majority.
    pub fn available(&self) -> Option<Available> {
        match self.mode {
            Mode::Consistent => None,
            Mode::Available(available) => Some(available),
        }
    }

    /// The replica that an application asks unless a request names another.
    pub(crate) fn home(&self, app: NodeId) -> NodeId {
        let place = self.apps.iter().position(|node| *node == app).unwrap_or_default();
        self.replicas[place % self.replicas.len()]
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
    /// No node has a copy.
    NoReplicas,
    /// A node is listed twice.
    NamedTwice {
        /// The node.
        node: NodeId,
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
            ConfigError::NoReplicas => f.write_str("there are no replicas: name at least one, better three"),
            ConfigError::NamedTwice { node } => write!(f, "{node} is named twice: give each node one place"),
            ConfigError::NoTime { what } => write!(f, "the {what} is zero: choose at least a nanosecond"),
        }
    }
}

impl std::error::Error for ConfigError {}
