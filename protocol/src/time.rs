//! Instants and durations, in whole nanoseconds: no floating point.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use core::time::Duration;

/// An instant on *some* clock, in nanoseconds since that clock's zero.
///
/// A driver's own time counts from the start of the run. Arithmetic saturates at [`Time::MAX`],
/// which is 584 years.
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
    /// The last representable instant.
    pub const MAX: Time = Time(u64::MAX);

    /// The instant this many nanoseconds after zero.
    pub const fn from_nanos(nanos: u64) -> Self {
        Time(nanos)
    }

    /// The instant this many milliseconds after zero, or [`Time::MAX`].
    pub const fn from_millis(millis: u64) -> Self {
        Time(millis.saturating_mul(1_000_000))
    }

    /// Nanoseconds since zero.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Duration since `earlier`; zero if `earlier` is not before this instant.
    pub const fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Duration> for Time {
    type Output = Time;

    /// The instant later by this duration, or [`Time::MAX`].
    fn add(self, span: Duration) -> Time {
        Time(self.0.saturating_add(nanos(span)))
    }
}

impl fmt::Display for Time {
    /// Milliseconds to one decimal, the precision of a message trace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.0 / 100_000;
        f.pad(&format!("{}.{} ms", tenths / 10, tenths % 10))
    }
}

/// A duration in nanoseconds, at most `u64::MAX` (584 years).
pub const fn nanos(span: Duration) -> u64 {
    let nanos = span.as_nanos();
    if nanos > u64::MAX as u128 { u64::MAX } else { nanos as u64 }
}

/// Readings of a node's own clocks during a step.
///
/// Neither is exact: clocks drift, so durations differ between two nodes; and an operator or NTP
/// may set the wall clock forwards or backwards at any time. A safety argument may use
/// [`monotonic`](Self::monotonic) with a stated bound on drift. The wall clock exists to show the
/// consequences of relying on it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct LocalTime {
    /// Monotonic clock. It never goes backwards and never jumps, but its rate may be off.
    pub monotonic: Time,
    /// Wall-clock time. It may jump.
    pub wall: Time,
}

/// The clock readings that a machine has access to, declared in its signature by its `Clock` type.
///
/// `()` for protocols whose safety never reads a clock (Paxos, Raft), [`LocalTime`] for those that
/// depend on time (leases).
pub trait Clock: Copy + fmt::Debug {
    /// The readings that the machine sees, out of those of the node's clocks.
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

/// Delay of a timer: the driver draws it from `min..=max`, because a machine owns no random
/// numbers.
///
/// An exact delay is a [`Duration`], a random one a range; both convert. A reversed range means its
/// start.
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
    /// The shortest delay.
    pub const fn min(self) -> Duration {
        self.min
    }

    /// The longest delay, at least [`min`](Self::min).
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
