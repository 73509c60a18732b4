//! Timeouts and exponential back-off of proposers (*Paxos Made Simple* §2.4).
//!
//! The paper guarantees progress once a single proposer is left undisturbed. Waits drawn from
//! ranges that double with each consecutive failure bring that about: eventually one of the
//! competing proposers finishes before the others retry.

use quorate_protocol::{Delay, Duration};

/// Retry policy of proposers: timeout of a ballot, and back-off before the next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Retry {
    /// The shortest time before a ballot is considered stuck.
    pub timeout: Duration,
    /// The wait after a refusal, also added to the timeout.
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
    /// A fixed timeout and no back-off: the proposers of *Paxos Made Simple* §2.4 that can preempt
    /// each other for ever.
    pub const fn without_backoff(timeout: Duration) -> Self {
        Retry { timeout, backoff: Backoff::Never }
    }

    /// The failure count after one more failure, capped where it no longer changes the waits.
    pub(crate) fn failed(&self, failures: u32) -> u32 {
        match self.backoff {
            Backoff::Never => 0,
            Backoff::Exponential { .. } => failures.saturating_add(1).min(31),
        }
    }

    /// Timeout of a ballot, after this many consecutive failures.
    pub(crate) fn ballot_timeout(&self, failures: u32) -> Delay {
        (self.timeout..self.timeout.saturating_add(self.backoff.longest(failures))).into()
    }

    /// Pause after a refusal, after this many consecutive failures.
    pub(crate) fn pause(&self, failures: u32) -> Delay {
        match self.backoff {
            Backoff::Never => Duration::ZERO.into(),
            Backoff::Exponential { unit, .. } => (unit..self.backoff.longest(failures)).into(),
        }
    }
}

/// Growth of a proposer's waits while it fails: binary exponential back-off, as in Ethernet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Backoff {
    /// No back-off: retry at once after a refusal, and after a fixed timeout otherwise.
    Never,
    /// After `n` consecutive failures, a wait drawn from `unit` up to `unit · 2ⁿ`, or `cap` if that
    /// is less.
    Exponential {
        /// The shortest wait.
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
