//! Configuration: who serves, who locks, by which recipe, and how long sessions last.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_lease::{LONGEST, Name, Terms};
use quorate_protocol::{Duration, NodeId};
use quorate_raft as raft;

use crate::config::{self as lock, Guard};
use crate::error::ConfigError;

/// Recipe for a lock: the requests that a client sends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Recipe {
    /// One ephemeral node, which all that wait watch.
    Plain,
    /// A sequential node for each client, which watches the one just ahead.
    Sequential,
    /// A key for each session, in the order of creation: etcd.
    CreateRevision,
    /// The lock of one file, in exclusive or shared mode: Chubby.
    FileLock,
}

impl Recipe {
    /// All recipes.
    pub const ALL: [Recipe; 4] = [Recipe::Plain, Recipe::Sequential, Recipe::CreateRevision, Recipe::FileLock];

    /// Name in scenarios and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Recipe::Plain => "plain",
            Recipe::Sequential => "sequential",
            Recipe::CreateRevision => "create-revision",
            Recipe::FileLock => "file-lock",
        }
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// End of a lock as its client sees it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Belief {
    /// That it is told so: ZooKeeper.
    UntilTold,
    /// The end of its session by its own clock: Chubby, and leases in general.
    OwnClock,
}

/// Settings of a coordination service and its clients. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Settings of the servers. Pre-vote and check-quorum are always on.
    pub servers: raft::Settings,
    /// The nodes that take the lock.
    pub holders: Vec<NodeId>,
    /// The resource that the lock protects, if there is one.
    pub resource: Option<NodeId>,
    /// The recipe.
    pub recipe: Recipe,
    /// The lock's node, or the parent of all that want it.
    pub directory: Name,
    /// Durations of a session: the leader counts as the granter, and the heartbeat is the renewal.
    pub session: Terms,
    /// End of a lock as its client sees it.
    pub belief: Belief,
    /// How long a client keeps a session that may have expired by its own clock, without acting
    /// (Chubby's grace period).
    pub grace: Duration,
    /// How long the locks of an expired session stay taken (Chubby's lock-delay).
    pub lock_delay: Duration,
    /// How long a client waits for an answer before it asks the next server.
    pub answer_timeout: Duration,
    /// Guard of the resource.
    pub guard: Guard,
    /// Duration of a piece of work, between the check of the lock and the write.
    pub work: Duration,
    /// Time between check and write at a resource that does them in two steps.
    pub write_delay: Duration,
    /// Interval at which a holder acts by itself; `None` leaves it to clients' requests.
    pub act_every: Option<Duration>,
}

/// Checked configuration, the same for all nodes. Made by [`Settings::build`]; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config(Arc<Checked>);

#[derive(Debug, PartialEq, Eq)]
struct Checked {
    settings: Settings,
    raft: raft::Config,
    resource: lock::Config,
}

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0.settings
    }
}

impl Config {
    /// Configuration of the servers' Raft machine.
    pub fn raft(&self) -> &raft::Config {
        &self.0.raft
    }

    /// Configuration of the resource, which is that of every lock.
    pub(crate) fn of_resource(&self) -> &lock::Config {
        &self.0.resource
    }
}

impl Settings {
    /// Settings with a sequential recipe, an unguarded world, and clients that believe until told.
    pub fn new(servers: raft::Settings, holders: impl IntoIterator<Item = NodeId>, session: Terms) -> Self {
        Settings {
            servers,
            holders: holders.into_iter().collect(),
            resource: None,
            recipe: Recipe::Sequential,
            directory: Name::from("/lock"),
            session,
            belief: Belief::UntilTold,
            grace: Duration::ZERO,
            lock_delay: Duration::ZERO,
            answer_timeout: session.renew_every() / 2,
            guard: Guard::Unguarded,
            work: Duration::ZERO,
            write_delay: Duration::from_millis(1),
            act_every: None,
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`CoordinationError`] that applies.
    pub fn build(mut self) -> Result<Config, CoordinationError> {
        (self.servers.pre_vote, self.servers.check_quorum) = (true, true);
        let raft = self.servers.clone().build().map_err(CoordinationError::Raft)?;
        if self.guard.marks() || self.guard.opens() {
            return Err(CoordinationError::NoCurrLock { guard: self.guard });
        }
        if !self.directory.as_str().starts_with('/') || self.directory.as_str().ends_with('/') {
            return Err(CoordinationError::BadPath { path: self.directory });
        }
        if !self.grace.is_zero() && self.belief == Belief::UntilTold {
            return Err(CoordinationError::GraceWithoutClock { grace: self.grace });
        }
        for (what, span) in [("the grace period", self.grace), ("the lock-delay", self.lock_delay)] {
            if span > LONGEST {
                return Err(CoordinationError::Lock(ConfigError::TooLong { what, span }));
            }
        }
        let like_a_lock = lock::Settings::new(
            lock::Recipe::SetNxPx,
            // The server's place is the first server's: what a lock asks of one, it asks of all.
            self.servers.voters.first().copied(),
            self.holders.iter().copied(),
            Some(self.session.granter()),
        );
        let resource = lock::Settings {
            resource: self.resource,
            allowance: Duration::ZERO,
            answer_timeout: self.answer_timeout,
            guard: self.guard,
            work: self.work,
            write_delay: self.write_delay,
            act_every: self.act_every,
            ..like_a_lock
        };
        let resource = resource.build().map_err(CoordinationError::Lock)?;
        let mut others = self.holders.iter().chain(&self.resource);
        if let Some(&node) = others.find(|node| self.servers.voters.contains(node)) {
            return Err(CoordinationError::Lock(ConfigError::NamedTwice { node }));
        }
        Ok(Config(Arc::new(Checked { raft, resource, settings: self })))
    }
}

/// Invalid settings.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CoordinationError {
    /// The settings of the servers are invalid.
    Raft(raft::ConfigError),
    /// The holders, the resource or a duration is invalid.
    Lock(ConfigError),
    /// The guard needs a step before the write, which these holders do not make.
    NoCurrLock {
        /// The guard.
        guard: Guard,
    },
    /// The path of the lock is none.
    BadPath {
        /// The path.
        path: Name,
    },
    /// A client that believes until told has no grace period.
    GraceWithoutClock {
        /// The grace period.
        grace: Duration,
    },
}

impl fmt::Display for CoordinationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CoordinationError::Raft(error) => error.fmt(f),
            CoordinationError::Lock(error) => error.fmt(f),
            CoordinationError::NoCurrLock { guard } => {
                write!(
                    f,
                    "the guard {} needs a step before the write, which these holders do not make: choose fence or ask-service",
                    guard.name()
                )
            }
            CoordinationError::BadPath { path } => {
                write!(f, "'{path}' is not a path: begin it with a slash and a name, as in /lock")
            }
            CoordinationError::GraceWithoutClock { grace } => write!(
                f,
                "a grace period of {grace:?} is for clients that count their session themselves: choose belief=own-clock"
            ),
        }
    }
}

impl std::error::Error for CoordinationError {}

#[cfg(test)]
mod tests {
    use quorate_lease::Drift;

    use super::*;

    #[test]
    fn settings_that_cannot_work_are_refused_with_what_to_do() {
        let session = Terms::longest(Duration::from_secs(6), Drift::NONE).unwrap();
        let usual = || Settings::new(raft::Settings::nodes(3), [NodeId(3), NodeId(4)], session);
        assert!(usual().build().is_ok());
        let refused = |settings: Settings| settings.build().unwrap_err().to_string();
        let all = [
            (Settings { holders: Vec::new(), ..usual() }, "nobody wants the lock: name at least one holder"),
            (Settings { holders: vec![NodeId(0)], ..usual() }, "is named twice: give each node one role"),
            (Settings { resource: Some(NodeId(4)), ..usual() }, "is named twice: give each node one role"),
            (Settings { guard: Guard::CurrLock, ..usual() }, "choose fence or ask-service"),
            (Settings { directory: Name::from("lock"), ..usual() }, "begin it with a slash and a name, as in /lock"),
            (Settings { grace: Duration::from_secs(45), ..usual() }, "choose belief=own-clock"),
            (Settings { lock_delay: Duration::MAX, ..usual() }, "choose at most a year"),
            (Settings { answer_timeout: Duration::ZERO, ..usual() }, "choose at least 1 ns"),
        ];
        for (settings, hint) in all {
            let error = refused(settings);
            assert!(error.contains(hint), "{error}");
        }
    }
}
