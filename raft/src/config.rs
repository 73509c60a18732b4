//! Settings and checked configuration of a Raft cluster.
//!
//! [`Settings`] are plain fields; [`Settings::build`] checks them and returns the [`Config`] that
//! machines boot with. Optional parts of the dissertation are independent: one that is switched off
//! behaves as if it were not implemented.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId};

use crate::membership::Membership;

/// Settings of a cluster. The defaults are the paper's, with everything optional off.
///
/// ```
/// use quorate_raft::{ConfigError, Settings};
/// use quorate_protocol::Duration;
///
/// let config = Settings { pre_vote: true, ..Settings::nodes(3) }.build()?;
/// assert_eq!(config.voters.len(), 3);
///
/// let hasty = Settings { heartbeat: Duration::from_millis(150), ..Settings::nodes(3) };
/// assert_eq!(
///     hasty.build().unwrap_err().to_string(),
///     "the election timeout of 150 ms is not above the heartbeat interval of 150 ms: followers would depose a healthy leader",
/// );
/// # Ok::<(), ConfigError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Settings {
    /// Voters of the first configuration. Other nodes may run and be added later.
    pub voters: Vec<NodeId>,
    /// Learners of the first configuration, which receive the log without a vote
    /// (dissertation §4.2.1).
    pub learners: Vec<NodeId>,
    /// Range from which election timeouts are drawn (Raft §9.3: 150–300 ms), with its end. If all
    /// are the same, there is a [warning](Config::warning).
    pub election: Range<Duration>,
    /// Heartbeat interval of a leader (Raft §5.2).
    pub heartbeat: Duration,
    /// Maximum number of non-empty AppendEntries in flight to a follower (dissertation §10.2.2).
    pub window: usize,
    /// Maximum number of entries in one AppendEntries (dissertation §10.2.2).
    pub batch: usize,
    /// Maximum size of a command in bytes, as counted by
    /// [`StateMachine::size`](crate::StateMachine::size).
    pub command_limit: usize,
    /// Number of replies kept per client for repeated requests; a client must not have more
    /// requests in flight (dissertation §6.3).
    pub session_replies: usize,
    /// Maximum number of entries a learner may lack when it is made a voter (dissertation §4.2.1).
    pub promotion_lag: u64,
    /// Send no entries to a follower until it is known where its log agrees (dissertation §3.5):
    /// the search in long logs transfers only indexes, at the cost of a round trip before the first
    /// entry.
    pub probes: bool,
    /// Request pre-votes before an election (dissertation §9.6).
    pub pre_vote: bool,
    /// A leader without a majority steps down, and nodes ignore candidates while they hear a leader
    /// (dissertation §6.2, §4.2.3).
    pub check_quorum: bool,
    /// Take snapshots and compact the log (Raft §7).
    pub snapshots: Option<Snapshots>,
}

/// Snapshot policy: when to take snapshots, and how to send them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Snapshots {
    /// Number of entries applied between two snapshots.
    pub every: u64,
    /// Number of entries kept although the snapshot replaces them, for followers that lag a little.
    pub keep: u64,
    /// Number of pieces in one InstallSnapshot.
    pub chunk: usize,
}

impl Settings {
    /// The defaults for a cluster of `count` voters: the nodes with the lowest ids.
    pub fn nodes(count: u32) -> Self {
        Settings { voters: (0..count).map(NodeId).collect(), ..Settings::default() }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        self.check_members()?;
        self.check_times()?;
        let sizes = [
            ("window", self.window),
            ("batch", self.batch),
            ("command_limit", self.command_limit),
            ("session_replies", self.session_replies),
        ];
        let snapshots = self.snapshots.map(|snapshots| {
            [("snapshots.every", usize::from(snapshots.every > 0)), ("snapshots.chunk", snapshots.chunk)]
        });
        match sizes.into_iter().chain(snapshots.into_iter().flatten()).find(|&(_, size)| size == 0) {
            Some((setting, _)) => Err(ConfigError::Zero(setting)),
            None => Ok(Config(Arc::new(self))),
        }
    }

    fn check_members(&self) -> Result<(), ConfigError> {
        if self.voters.is_empty() {
            return Err(ConfigError::NoVoters);
        }
        let mut members: Vec<NodeId> = self.voters.iter().chain(&self.learners).copied().collect();
        members.sort_unstable();
        match members.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(ConfigError::Twice(pair[0])),
            None => Ok(()),
        }
    }

    fn check_times(&self) -> Result<(), ConfigError> {
        if self.heartbeat.is_zero() {
            return Err(ConfigError::Zero("heartbeat"));
        }
        if self.election.start > self.election.end {
            return Err(ConfigError::ElectionNotARange { from: self.election.start, to: self.election.end });
        }
        if self.election.start <= self.heartbeat {
            return Err(ConfigError::ElectionTooShort { election: self.election.start, heartbeat: self.heartbeat });
        }
        Ok(())
    }
}

impl Default for Settings {
    /// The paper's settings, with no members yet.
    fn default() -> Self {
        Settings {
            voters: Vec::new(),
            learners: Vec::new(),
            election: Duration::from_millis(150)..Duration::from_millis(300),
            heartbeat: Duration::from_millis(50),
            window: 8,
            batch: 256,
            command_limit: 1 << 20,
            session_replies: 64,
            promotion_lag: 16,
            probes: false,
            pre_vote: false,
            check_quorum: false,
            snapshots: None,
        }
    }
}

/// Checked settings, shared by all machines that boot with them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Config(Arc<Settings>);

impl Config {
    /// The membership at the first boot of the cluster.
    pub fn first_membership(&self) -> Membership {
        Membership::new(self.voters.iter().copied(), self.learners.iter().copied())
    }

    /// The reason that settings are unwise, although a cluster can run with them.
    pub fn warning(&self) -> Option<ConfigWarning> {
        let Range { start, end } = self.election;
        (start == end && self.voters.len() > 1).then_some(ConfigWarning::OneElectionTimeout(start))
    }

    /// Whether nodes track how long the leader has been silent.
    pub(crate) fn tracks_leader_contact(&self) -> bool {
        self.pre_vote || self.check_quorum
    }
}

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0
    }
}

/// The reason that settings are unwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ConfigWarning {
    /// Every election timeout is this one.
    OneElectionTimeout(Duration),
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConfigWarning::OneElectionTimeout(timeout) = self;
        write!(f, "every election timeout is {timeout:?}: nodes that time out together split the vote again and again")
    }
}

/// The reason that settings are invalid.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// There are no voters, and so no majority.
    NoVoters,
    /// A node is named twice among voters and learners.
    Twice(NodeId),
    /// The range of election timeouts ends before it starts.
    ElectionNotARange {
        /// Start of the range.
        from: Duration,
        /// End of the range.
        to: Duration,
    },
    /// The shortest election timeout is not above the heartbeat interval: followers would time out
    /// too early.
    ElectionTooShort {
        /// The shortest election timeout.
        election: Duration,
        /// The heartbeat interval.
        heartbeat: Duration,
    },
    /// The setting of that name is 0, which would prevent all progress.
    Zero(&'static str),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |span: &Duration| span.as_millis();
        match self {
            ConfigError::NoVoters => f.write_str("the cluster has no voters: name at least one"),
            ConfigError::Twice(node) => write!(f, "{node} is named twice among the voters and learners: name it once"),
            ConfigError::ElectionNotARange { from, to } => write!(
                f,
                "the election timeout of {} to {} ms is not a range: the end must not be below the start",
                millis(from),
                millis(to)
            ),
            ConfigError::ElectionTooShort { election, heartbeat } => write!(
                f,
                "the election timeout of {} ms is not above the heartbeat interval of {} ms: followers would depose a healthy leader",
                millis(election),
                millis(heartbeat)
            ),
            ConfigError::Zero(setting) => write!(f, "{setting} is 0: it must be at least 1"),
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(settings: Settings) -> String {
        settings.build().unwrap_err().to_string()
    }

    #[test]
    fn one_timeout_for_all_is_possible_and_unwise() {
        let of = |from, to| Settings {
            election: Duration::from_millis(from)..Duration::from_millis(to),
            ..Settings::nodes(3)
        };
        assert_eq!(of(150, 300).build().unwrap().warning(), None);
        let warning = of(200, 200).build().unwrap().warning().expect("all time out together");
        assert!(warning.to_string().starts_with("every election timeout is 200ms: "), "{warning}");
        let alone = Settings { voters: vec![NodeId(0)], ..of(200, 200) };
        assert_eq!(alone.build().unwrap().warning(), None, "a single node has nobody to split votes with");
    }

    #[test]
    fn each_impossible_setting_is_refused_with_its_number() {
        let three = || Settings::nodes(3);
        assert_eq!(refused(Settings::default()), "the cluster has no voters: name at least one");
        let twice = Settings { learners: vec![NodeId(1)], ..three() };
        assert_eq!(refused(twice), "n2 is named twice among the voters and learners: name it once");
        let backwards = Settings { election: Duration::from_millis(9)..Duration::from_millis(8), ..three() };
        assert!(refused(backwards).starts_with("the election timeout of 9 to 8 ms is not a range"));
        for (settings, name) in [
            (Settings { heartbeat: Duration::ZERO, ..three() }, "heartbeat"),
            (Settings { window: 0, ..three() }, "window"),
            (Settings { batch: 0, ..three() }, "batch"),
            (Settings { command_limit: 0, ..three() }, "command_limit"),
            (Settings { session_replies: 0, ..three() }, "session_replies"),
            (Settings { snapshots: Some(Snapshots { every: 0, keep: 0, chunk: 1 }), ..three() }, "snapshots.every"),
            (Settings { snapshots: Some(Snapshots { every: 1, keep: 0, chunk: 0 }), ..three() }, "snapshots.chunk"),
        ] {
            assert_eq!(refused(settings), format!("{name} is 0: it must be at least 1"));
        }
    }
}
