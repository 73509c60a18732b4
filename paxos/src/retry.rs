//! How long a proposer waits, and longer after each failure (*Paxos Made Simple* §2.4).
//!
//! The paper guarantees progress once a single proposer is left in peace. Waits drawn from ranges that double with each
//! failure in a row bring that about: sooner or later one of the rivals is done before the others begin again.

use quorate_protocol::{Delay, Duration};

/// How long a proposer waits before it begins again with a higher ballot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Retry {
    /// The least time given to a ballot before it is taken for stuck.
    pub timeout: Duration,
    /// What is added to the timeout, and waited after a refusal.
    pub backoff: Backoff,
}

impl Default for Retry {
    /// 100 ms, and a back-off from 20 ms up to 2 s.
    fn default() -> Self {
        let backoff = Backoff::Exponential { unit: Duration::from_millis(20), cap: Duration::from_secs(2) };
        Retry { timeout: Duration::from_millis(100), backoff }
    }
}

impl Retry {
    /// A fixed timeout and no back-off: the proposers of *Paxos Made Simple* §2.4 that can keep each other busy for ever.
    pub const fn without_backoff(timeout: Duration) -> Self {
        Retry { timeout, backoff: Backoff::Never }
    }

    /// One more failure in a row, if it makes a difference to the waits.
    pub(crate) fn failed(&self, failures: u32) -> u32 {
        match self.backoff {
            Backoff::Never => 0,
            Backoff::Exponential { .. } => failures.saturating_add(1).min(31),
        }
    }

    /// How long to wait for a ballot to succeed, after so many failures in a row.
    pub(crate) fn patience(&self, failures: u32) -> Delay {
        (self.timeout..self.timeout.saturating_add(self.backoff.longest(failures))).into()
    }

    /// How long to keep quiet after a refusal, after so many failures in a row.
    pub(crate) fn pause(&self, failures: u32) -> Delay {
        match self.backoff {
            Backoff::Never => Duration::ZERO.into(),
            Backoff::Exponential { unit, .. } => (unit..self.backoff.longest(failures)).into(),
        }
    }
}

/// How the waits of a proposer grow while it fails. Ethernet's answer to the same question: a random wait from a doubling range.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Backoff {
    /// Not at all: begin again at once after a refusal, and after a fixed timeout otherwise.
    Never,
    /// After `n` failures in a row, a wait drawn from `unit` up to `unit · 2ⁿ`, or `cap` if that is less.
    Exponential {
        /// The least wait.
        unit: Duration,
        /// The limit of the longest wait.
        cap: Duration,
    },
}

impl Backoff {
    pub(crate) fn longest(self, failures: u32) -> Duration {
        match self {
            Backoff::Never => Duration::ZERO,
            Backoff::Exponential { unit, cap } => unit.saturating_mul(1 << failures).min(cap),
        }
    }
}
