//! Instants and spans. Everything is counted in whole nanoseconds: no floating point, no surprise.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use core::time::Duration;

/// An instant on *some* clock, in nanoseconds since that clock's zero.
///
/// A driver's own time counts from the start of the run. Arithmetic saturates at [`Time::MAX`], 584 years on.
///
/// ```
/// use quorate_protocol::{Duration, Time};
///
/// let sent = Time::from_millis(150);
/// assert_eq!((sent + Duration::from_millis(3)).since(sent), Duration::from_millis(3));
/// assert_eq!(sent.to_string(), "150.0 ms");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(u64);

impl Time {
    /// The clock's zero.
    pub const ZERO: Time = Time(0);
    /// The last instant that can be told.
    pub const MAX: Time = Time(u64::MAX);

    /// So many nanoseconds after zero.
    pub const fn from_nanos(nanos: u64) -> Self {
        Time(nanos)
    }

    /// So many milliseconds after zero.
    pub const fn from_millis(millis: u64) -> Self {
        Time(millis.saturating_mul(1_000_000))
    }

    /// Nanoseconds since zero.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub const fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Duration> for Time {
    type Output = Time;

    /// The instant so much later, or [`Time::MAX`].
    fn add(self, span: Duration) -> Time {
        Time(self.0.saturating_add(nanos(span)))
    }
}

impl fmt::Display for Time {
    /// Milliseconds to a tenth, the grain of a message trace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.0 / 100_000;
        f.pad(&format!("{}.{} ms", tenths / 10, tenths % 10))
    }
}

/// A span in nanoseconds, at most `u64::MAX` (584 years).
pub const fn nanos(span: Duration) -> u64 {
    let nanos = span.as_nanos();
    if nanos > u64::MAX as u128 { u64::MAX } else { nanos as u64 }
}

/// What a node's own clocks say during a step.
///
/// Neither is the truth: clocks drift, so two nodes' spans differ; and an operator or NTP may set the wall
/// clock forwards or backwards at any moment. A safety argument may use [`monotonic`](Self::monotonic) with
/// a stated bound on drift. The wall clock is here so that the price of trusting it can be shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct LocalTime {
    /// Never steps back and never jumps; its rate may be off.
    pub monotonic: Time,
    /// What people call the time. May jump.
    pub wall: Time,
}

/// What a machine may know of the time: its `Clock` type says so in its signature.
///
/// `()` for protocols whose safety never reads a clock (Paxos, Raft), [`LocalTime`] for those that opt in (leases).
pub trait Clock: Copy + fmt::Debug {
    /// What of the node's clocks the machine sees.
    fn read(local: LocalTime) -> Self;
}

impl Clock for () {
    fn read(_: LocalTime) -> Self {}
}

impl Clock for LocalTime {
    fn read(local: LocalTime) -> Self {
        local
    }
}

/// How long a timer waits: the driver picks a moment in `min..=max`, because a machine owns no dice.
///
/// An exact wait is a [`Duration`], a drawn one a range; both convert. A range that runs backwards waits for its start.
///
/// ```
/// use quorate_protocol::{Delay, Duration};
///
/// let election: Delay = (Duration::from_millis(150)..Duration::from_millis(300)).into();
/// let heartbeat: Delay = Duration::from_millis(50).into();
/// assert!(election.min() < election.max() && heartbeat.min() == heartbeat.max());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Delay {
    min: Duration,
    max: Duration,
}

impl Delay {
    /// The shortest wait.
    pub const fn min(self) -> Duration {
        self.min
    }

    /// The longest wait, at least [`min`](Self::min).
    pub const fn max(self) -> Duration {
        self.max
    }
}

impl From<Duration> for Delay {
    fn from(exact: Duration) -> Self {
        Delay { min: exact, max: exact }
    }
}

impl From<Range<Duration>> for Delay {
    fn from(range: Range<Duration>) -> Self {
        Delay { min: range.start, max: range.end.max(range.start) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        assert_eq!(Time::MAX + Duration::from_nanos(1), Time::MAX);
        assert_eq!(Time::ZERO + Duration::MAX, Time::MAX);
        assert_eq!(Time::ZERO.since(Time::MAX), Duration::ZERO);
        assert_eq!(Time::from_millis(u64::MAX), Time::MAX);
    }

    #[test]
    fn a_backward_range_waits_for_its_start() {
        let delay = Delay::from(Duration::from_millis(5)..Duration::from_millis(1));
        assert_eq!((delay.min(), delay.max()), (Duration::from_millis(5), Duration::from_millis(5)));
    }
}
