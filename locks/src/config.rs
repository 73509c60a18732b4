//! Configuration: who serves, who locks, by which recipe, and what guards the resource.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_lease::{LONGEST, Name};
use quorate_protocol::{Delay, Duration, NodeId};

use crate::error::ConfigError;

/// Recipe for a lock: the commands that a client sends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Recipe {
    /// Insert a row under a unique index; delete it.
    UniqueIndex,
    /// `SETNX`; `DEL`.
    SetNx,
    /// `SETNX`, then `EXPIRE`; `DEL`.
    SetNxExpire,
    /// `SET NX PX` with a value of the attempt; delete if the value is still that.
    SetNxPx,
    /// The same on several independent servers, of which a majority must agree.
    Redlock,
}

impl Recipe {
    /// All recipes.
    pub const ALL: [Recipe; 5] =
        [Recipe::UniqueIndex, Recipe::SetNx, Recipe::SetNxExpire, Recipe::SetNxPx, Recipe::Redlock];

    /// Name in scenarios and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Recipe::UniqueIndex => "unique-index",
            Recipe::SetNx => "setnx",
            Recipe::SetNxExpire => "setnx-expire",
            Recipe::SetNxPx => "set-nx-px",
            Recipe::Redlock => "redlock",
        }
    }

    /// Whether the key has a time to live.
    pub const fn expires(self) -> bool {
        matches!(self, Recipe::SetNxExpire | Recipe::SetNxPx | Recipe::Redlock)
    }

    /// Whether the key's value tells who set it.
    pub const fn is_unique(self) -> bool {
        matches!(self, Recipe::SetNxPx | Recipe::Redlock)
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Method by which the resource checks a write.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Guard {
    /// None.
    Unguarded,
    /// Compare with the highest token seen, and write, in one step.
    Fence,
    /// Compare with the highest token seen, and write in a later step.
    FenceInTwoSteps,
    /// Ask the lock service whether the writer holds the lock, and write when it says so.
    AskService,
    /// The writer sets `currlock` first; the resource compares and writes in one step.
    CurrLock,
    /// The writer sets `currlock`, reads it back, and writes without condition.
    CurrLockInTwoSteps,
    /// None, but each write goes to the file of its token, and readers take the newest file.
    FileName,
    /// Fence; a higher token takes back what an earlier holder has written and not committed.
    FenceWithUndo,
    /// Fence on every replica, by the tokens of writes alone: a holder reads first, and the
    /// replicas do not learn its token from that.
    ReplicaFence,
    /// Fence on every replica, of which the holder first marks a majority with its token.
    MarkFirst,
}

impl Guard {
    /// All guards.
    pub const ALL: [Guard; 10] = [
        Guard::Unguarded,
        Guard::Fence,
        Guard::FenceInTwoSteps,
        Guard::AskService,
        Guard::CurrLock,
        Guard::CurrLockInTwoSteps,
        Guard::FileName,
        Guard::FenceWithUndo,
        Guard::ReplicaFence,
        Guard::MarkFirst,
    ];

    /// Name in scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Guard::Unguarded => "none",
            Guard::Fence => "fence",
            Guard::FenceInTwoSteps => "fence-in-two-steps",
            Guard::AskService => "ask-service",
            Guard::CurrLock => "currlock",
            Guard::CurrLockInTwoSteps => "currlock-in-two-steps",
            Guard::FileName => "file-name",
            Guard::FenceWithUndo => "fence-with-undo",
            Guard::ReplicaFence => "replica-fence",
            Guard::MarkFirst => "mark-first",
        }
    }

    /// Whether writes need a token that orders the holders.
    pub const fn needs_order(self) -> bool {
        matches!(self, Guard::Fence | Guard::FenceInTwoSteps | Guard::FileName) || self.opens()
    }

    /// Whether a writer first reads the resource under its token.
    pub const fn opens(self) -> bool {
        matches!(self, Guard::FenceWithUndo | Guard::ReplicaFence | Guard::MarkFirst)
    }

    /// Whether a writer sets `currlock` before it writes.
    pub const fn marks(self) -> bool {
        matches!(self, Guard::CurrLock | Guard::CurrLockInTwoSteps)
    }
}

/// Clock by which a server counts times to live.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ExpiryClock {
    /// The wall clock, which may be set: Redis.
    Wall,
    /// The monotonic clock, as Redis and Martin Kleppmann agree it should be.
    Monotonic,
}

/// Part of a server's state that survives a crash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Persistence {
    /// Everything that it has answered: Redis with `appendfsync always`, or a database.
    Always,
    /// Nothing.
    Never,
}

/// Settings of a lock. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The lock servers; more than one for Redlock alone.
    pub servers: Vec<NodeId>,
    /// The nodes that take the lock.
    pub holders: Vec<NodeId>,
    /// The resource that the lock protects, if there is one.
    pub resource: Option<NodeId>,
    /// Further replicas of it, for the guards [`ReplicaFence`](Guard::ReplicaFence) and
    /// [`MarkFirst`](Guard::MarkFirst).
    pub replicas: Vec<NodeId>,
    /// Further resources under the same lock, each with a guard of its own, for comparison.
    pub others: Vec<(NodeId, Guard)>,
    /// The recipe.
    pub recipe: Recipe,
    /// The key that stands for the lock.
    pub key: Name,
    /// Time to live of the key, for recipes with expiry.
    pub ttl: Option<Duration>,
    /// Allowance for clock drift, which a client subtracts from the time to live (Redlock, step 3).
    pub allowance: Duration,
    /// How long a client waits for the answers of an attempt.
    pub answer_timeout: Duration,
    /// Delay between two attempts of a client that waits for the lock.
    pub retry: Delay,
    /// Clock by which servers count times to live.
    pub expiry: ExpiryClock,
    /// Part of the servers' state that survives a crash.
    pub persistence: Persistence,
    /// How long a server without its keys stays away after a restart.
    pub restart_delay: Duration,
    /// Whether a client counts its own entries instead of asking again.
    pub reentrant: bool,
    /// Whether a client that starts again deletes what its earlier life has left.
    pub cleans_up: bool,
    /// Guard of the resource.
    pub guard: Guard,
    /// Duration of a piece of work, between the check of the lock and the write.
    pub work: Duration,
    /// Time between check and write at a resource that does them in two steps.
    pub write_delay: Duration,
    /// Interval at which a holder acts by itself; `None` leaves it to clients' requests.
    pub act_every: Option<Duration>,
    /// Interval at which a holder extends its lock (a watchdog); `None` for never.
    pub extend_every: Option<Duration>,
    /// Number of times that it extends one lock.
    pub extensions: u32,
}

/// Checked configuration of a lock, the same for all nodes. Made by [`Settings::build`]; cheap to
/// clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config(Arc<Settings>);

impl Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.0
    }
}

impl Settings {
    /// Settings with an unguarded world: no resource, wall clocks, everything kept on disk. The
    /// allowance is Redlock's, a hundredth of the time to live and two milliseconds.
    pub fn new(
        recipe: Recipe,
        servers: impl IntoIterator<Item = NodeId>,
        holders: impl IntoIterator<Item = NodeId>,
        ttl: Option<Duration>,
    ) -> Self {
        let ms = Duration::from_millis;
        Settings {
            servers: servers.into_iter().collect(),
            holders: holders.into_iter().collect(),
            resource: None,
            replicas: Vec::new(),
            others: Vec::new(),
            recipe,
            key: Name::from("lock"),
            ttl,
            allowance: ttl.map_or(Duration::ZERO, |ttl| ttl / 100 + ms(2)),
            answer_timeout: ms(50),
            retry: (ms(100)..ms(200)).into(),
            expiry: ExpiryClock::Wall,
            persistence: Persistence::Always,
            restart_delay: Duration::ZERO,
            reentrant: false,
            cleans_up: false,
            guard: Guard::Unguarded,
            work: Duration::ZERO,
            write_delay: ms(1),
            act_every: None,
            extend_every: None,
            extensions: u32::MAX,
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        let Settings { recipe, guard, .. } = self;
        match (self.servers.len(), recipe) {
            (0, _) => return Err(ConfigError::NoServers { recipe }),
            (count, _) if count > 1 && recipe != Recipe::Redlock => {
                return Err(ConfigError::OneServer { recipe, count });
            }
            _ => {}
        }
        if self.holders.is_empty() {
            return Err(ConfigError::NoHolders);
        }
        let mut nodes: Vec<NodeId> =
            self.servers.iter().chain(&self.holders).copied().chain(self.resources()).collect();
        nodes.sort_unstable();
        if let Some(pair) = nodes.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::NamedTwice { node: pair[0] });
        }
        match (self.ttl, recipe.expires()) {
            (None, true) => return Err(ConfigError::NeedsTtl { recipe }),
            (Some(_), false) => return Err(ConfigError::NoExpiry { recipe }),
            (Some(ttl), _) => {
                check_span("the time to live", ttl)?;
                if self.allowance >= ttl {
                    return Err(ConfigError::NoValidity { ttl, allowance: self.allowance });
                }
            }
            (None, _) => {}
        }
        for guard in self.others.iter().map(|(_, guard)| *guard).chain([guard]) {
            check_guard(guard, recipe)?;
        }
        if !self.replicas.is_empty() && !matches!(guard, Guard::ReplicaFence | Guard::MarkFirst) {
            return Err(ConfigError::NoReplicas { guard });
        }
        if self.extend_every.is_some() && !recipe.is_unique() {
            return Err(ConfigError::NothingToExtend { recipe });
        }
        self.check_spans()?;
        Ok(Config(Arc::new(self)))
    }

    /// All resources, and all their replicas.
    fn resources(&self) -> impl Iterator<Item = NodeId> {
        let others = self.others.iter().map(|(node, _)| *node);
        self.resource.into_iter().chain(self.replicas.iter().copied()).chain(others)
    }

    /// The guard of this resource, or of the resource that it is a replica of; `None` for other
    /// nodes.
    pub fn guard_of(&self, node: NodeId) -> Option<Guard> {
        if self.resource == Some(node) || self.replicas.contains(&node) {
            return Some(self.guard);
        }
        self.others.iter().find(|(other, _)| *other == node).map(|(_, guard)| *guard)
    }

    /// All replicas of this resource; itself, if it has no others.
    pub fn replicas_of(&self, resource: NodeId) -> Vec<NodeId> {
        let others = if self.resource == Some(resource) { &self.replicas[..] } else { &[] };
        [resource].into_iter().chain(others.iter().copied()).collect()
    }

    fn check_spans(&self) -> Result<(), ConfigError> {
        let at_least = |what, span: Duration| check_span(what, span.max(Duration::from_nanos(1)));
        check_span("the time to wait for answers", self.answer_timeout)?;
        check_span("the delay between attempts", self.retry.max())?;
        at_least("the delay after a restart", self.restart_delay)?;
        at_least("the work", self.work)?;
        at_least("the delay of the write", self.write_delay)?;
        self.act_every.map_or(Ok(()), |interval| check_span("the interval between acts", interval))?;
        self.extend_every.map_or(Ok(()), |interval| check_span("the interval between extensions", interval))
    }
}

fn check_guard(guard: Guard, recipe: Recipe) -> Result<(), ConfigError> {
    if guard.needs_order() && recipe == Recipe::Redlock {
        return Err(ConfigError::NoOrder { guard });
    }
    if guard == Guard::AskService && (!recipe.is_unique() || recipe == Recipe::Redlock) {
        return Err(ConfigError::NobodyToAsk { recipe });
    }
    Ok(())
}

fn check_span(what: &'static str, span: Duration) -> Result<(), ConfigError> {
    if span.is_zero() {
        Err(ConfigError::Zero { what })
    } else if span > LONGEST {
        Err(ConfigError::TooLong { what, span })
    } else {
        Ok(())
    }
}
