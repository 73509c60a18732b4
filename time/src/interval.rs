//! A clock reading as an interval that contains the true time.

use std::fmt;

use quorate_protocol::{Duration, Time};
use serde::{Deserialize, Serialize};

use crate::Drift;

/// Reading of a clock that knows its error: true time is between the two ends, both included.
///
/// ```
/// use quorate_protocol::Time;
/// use quorate_time::Interval;
///
/// let ms = Time::from_millis;
/// let now = Interval::new(ms(100), ms(104));
/// assert!(now.after(ms(99)) && now.before(ms(105)));
/// // Neither certainly past nor certainly to come.
/// assert!(!now.after(ms(102)) && !now.before(ms(102)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Interval {
    /// The earliest time that it may be.
    pub earliest: Time,
    /// The latest time that it may be, not before `earliest`.
    pub latest: Time,
}

impl Interval {
    /// The interval between two times, in whichever order they are given.
    pub fn new(one: Time, other: Time) -> Self {
        Interval { earliest: one.min(other), latest: one.max(other) }
    }

    /// The interval of this error around a reading. It begins at zero at the earliest.
    pub fn around(reading: Time, error: Duration) -> Self {
        Interval { earliest: back(reading, error), latest: reading + error }
    }

    /// The distance between its ends: twice the error.
    pub fn width(self) -> Duration {
        self.latest.since(self.earliest)
    }

    /// Half the width: the error of the reading in the middle.
    pub fn error(self) -> Duration {
        self.width() / 2
    }

    /// The time in the middle.
    pub fn middle(self) -> Time {
        self.earliest + self.error()
    }

    /// Whether that time is in the interval.
    pub fn contains(self, time: Time) -> bool {
        self.earliest <= time && time <= self.latest
    }

    /// Whether that time has certainly passed (Spanner's `TT.after`).
    pub fn after(self, time: Time) -> bool {
        self.earliest > time
    }

    /// Whether that time has certainly not arrived (Spanner's `TT.before`).
    pub fn before(self, time: Time) -> bool {
        self.latest < time
    }

    /// Whether the two have a time in common. Readings that have one cannot be ordered.
    pub fn meets(self, other: Interval) -> bool {
        self.earliest <= other.latest && other.earliest <= self.latest
    }

    /// The same reading when a clock within this drift shows that so much time has passed. It is
    /// wider, because the clock may be fast or slow.
    #[must_use]
    pub fn aged(self, shown: Duration, drift: Drift) -> Self {
        Interval { earliest: self.earliest + drift.shortest(shown), latest: self.latest + drift.longest(shown) }
    }

    /// The same reading as received after a delay between zero and `delay`.
    #[must_use]
    pub fn delayed(self, delay: Duration) -> Self {
        Interval { latest: self.latest + delay, ..self }
    }
}

fn back(time: Time, by: Duration) -> Time {
    Time::ZERO + time.since(Time::ZERO).saturating_sub(by)
}

impl fmt::Display for Interval {
    /// Both ends, as `[100.0 ms, 104.0 ms]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {}]", self.earliest, self.latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    #[test]
    fn an_interval_is_the_same_from_both_ends() {
        let interval = Interval::new(ms(9), ms(3));
        assert_eq!(interval, Interval::new(ms(3), ms(9)));
        assert_eq!((interval.width(), interval.error()), (Duration::from_millis(6), Duration::from_millis(3)));
        assert_eq!(interval.middle(), ms(6));
        assert_eq!(Interval::around(ms(2), Duration::from_millis(5)), Interval::new(ms(0), ms(7)));
        assert_eq!(interval.to_string(), "[3.0 ms, 9.0 ms]");
    }

    #[test]
    fn the_ends_belong_to_it() {
        let interval = Interval::new(ms(3), ms(9));
        assert!(interval.contains(ms(3)) && interval.contains(ms(9)) && !interval.contains(ms(10)));
        assert!(!interval.after(ms(3)) && interval.after(ms(2)));
        assert!(!interval.before(ms(9)) && interval.before(ms(10)));
        assert!(interval.meets(Interval::new(ms(9), ms(20))) && !interval.meets(Interval::new(ms(10), ms(20))));
    }

    /// Spanner §3: the sawtooth rises by 6 ms within a poll interval of 30 s.
    #[test]
    fn a_reading_widens_with_age_and_delay() {
        let fresh = Interval::new(ms(1000), ms(1002));
        let aged = fresh.aged(Duration::from_secs(30), Drift::ppm(200).unwrap());
        assert_eq!(aged.error().as_micros(), 1000 + 6000);
        assert_eq!(fresh.delayed(Duration::from_millis(5)), Interval::new(ms(1000), ms(1007)));
    }
}
