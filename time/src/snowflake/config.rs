//! Configuration of a registry and its generators.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quorate_protocol::{Duration, NodeId, Time};

use super::id::Layout;

/// The span of a tick.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// Behaviour of a generator whose clock is behind the last tick that it used.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Backwards {
    /// Refuse requests until the clock is past that tick.
    Refuse,
    /// Let requests wait if the clock is behind by at most so many ticks, else refuse them.
    Wait {
        /// Ticks that are waited for.
        ticks: u64,
    },
}

/// Settings. [`build`](Self::build) validates them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The node that leases worker numbers. All others generate ids.
    pub registry: NodeId,
    /// The bits of an id.
    pub layout: Layout,
    /// The wall clock's reading at tick 0.
    pub epoch: Time,
    /// Ticks that a lease of a worker number lasts from the tick of its claim.
    pub lease: u64,
    /// Interval of the claims that renew a lease, and of the repeated ones.
    pub renew: Duration,
    /// Silence of a holder after which its worker number may be leased to another node. It is a
    /// matter of politeness, not of safety.
    pub recycle_after: Duration,
    /// Ticks that a generator reserves on its disk beyond the one that it needs.
    pub reserve: u64,
    /// Behaviour of a generator whose clock goes back.
    pub backwards: Backwards,
    /// Bound on the error of all wall clocks, for [`RoughlyOrdered`](super::RoughlyOrdered) alone:
    /// no generator knows it.
    pub clock_error: Duration,
}

impl Settings {
    /// Twitter's layout and epoch (4 November 2010), a lease of 3 s that is renewed every second, a
    /// reservation of 10 ms, waits of up to 5 ms for a clock that goes back, clocks within 10 ms.
    pub fn new(registry: NodeId) -> Self {
        Settings {
            registry,
            layout: Layout::TWITTER,
            epoch: Time::from_millis(1_288_834_974_657),
            lease: 3000,
            renew: Duration::from_secs(1),
            recycle_after: Duration::from_secs(10),
            reserve: 10,
            backwards: Backwards::Wait { ticks: 5 },
            clock_error: Duration::from_millis(10),
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first [`ConfigError`] that applies.
    pub fn build(self) -> Result<Config, ConfigError> {
        if !self.layout.fits() {
            return Err(ConfigError::NoRoom { layout: self.layout });
        }
        if self.lease == 0 {
            return Err(ConfigError::NoLease);
        }
        if self.renew.is_zero() {
            return Err(ConfigError::NoTime);
        }
        Ok(Config(Arc::new(self)))
    }
}

/// Checked configuration, the same for all nodes. Made by [`Settings::build`]; cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config(Arc<Settings>);

impl Config {
    /// The tick at this reading of a wall clock; `None` before the epoch.
    pub fn tick(&self, wall: Time) -> Option<u64> {
        let since = wall.as_nanos().checked_sub(self.epoch.as_nanos())?;
        Some(since / TICK.as_nanos() as u64)
    }

    /// The time until the wall clock shows this tick, if it goes on as it does.
    pub(crate) fn until(&self, wall: Time, tick: u64) -> Duration {
        let begins = self.epoch + Duration::from_millis(tick);
        begins.since(wall)
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
    /// Worker and sequence leave no bits for the time, or have 32 bits themselves.
    NoRoom {
        /// The layout.
        layout: Layout,
    },
    /// A lease of no tick.
    NoLease,
    /// The interval of claims is zero.
    NoTime,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::NoRoom { layout: Layout { worker_bits, sequence_bits } } => write!(
                f,
                "{worker_bits} bits of the worker and {sequence_bits} of the sequence leave none of 63 for the time: \
                 choose fewer, and fewer than 32 each"
            ),
            ConfigError::NoLease => f.write_str("a lease of 0 ticks allows no id: choose at least one"),
            ConfigError::NoTime => f.write_str("the interval of claims is zero: choose at least a nanosecond"),
        }
    }
}

impl std::error::Error for ConfigError {}
