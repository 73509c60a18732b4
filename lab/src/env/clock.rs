//! Clock of a node: wall-clock and monotonic time with drift and jumps.

use std::ops::RangeInclusive;

use quorate_protocol::{Duration, LocalTime, Time, nanos};

/// Parts per million in one.
const MILLION: i128 = 1_000_000;

/// Range of clock drifts in parts per million. Below it a clock would stand still or go backwards;
/// the upper end doubles its rate, which is enough.
pub(crate) const DRIFT_RANGE: RangeInclusive<i32> = -999_999..=1_000_000;

/// Converts between the driver's true time and the readings of one node's clocks.
///
/// It stores the last moment at which the rate changed, so that no error accumulates and the
/// monotonic clock never jumps.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostClock {
    changed: Time,
    monotonic_then: Time,
    drift_ppm: i32,
    /// Offset of the wall clock from the monotonic one, in nanoseconds.
    jumped: i128,
    /// True time since which the monotonic clock stands still, because the machine is suspended.
    suspended: Option<Time>,
}

impl HostClock {
    /// A clock whose wall clock shows this time at the start of the run.
    pub(crate) fn dated(wall: Time) -> Self {
        HostClock { jumped: i128::from(wall.as_nanos()), ..HostClock::default() }
    }

    /// A clock with this reading at the start of the run.
    #[cfg(any(feature = "live", test))]
    pub(crate) fn starting_at(shown: Time) -> Self {
        HostClock { monotonic_then: shown, ..HostClock::default() }
    }

    /// A clock that has had this rate, and this offset of the wall clock in nanoseconds, since the
    /// start of the run.
    #[cfg(any(feature = "check", test))]
    pub(crate) fn at_rate(ppm: i32, jumped: i64) -> Self {
        HostClock { drift_ppm: ppm, jumped: i128::from(jumped), ..HostClock::default() }
    }

    /// Returns the readings at a true time, which must not be before the last change.
    pub(crate) fn read(&self, now: Time) -> LocalTime {
        if self.drift_ppm == 0
            && self.jumped == 0
            && (self.changed, self.monotonic_then, self.suspended) == (Time::ZERO, Time::ZERO, None)
        {
            return LocalTime { monotonic: now, wall: now };
        }
        let monotonic = self.monotonic(now);
        let wall = i128::from(monotonic.as_nanos()) + self.jumped + self.slept(now);
        LocalTime { monotonic, wall: clamp(wall) }
    }

    fn monotonic(&self, now: Time) -> Time {
        let elapsed = i128::from(nanos(self.suspended.unwrap_or(now).since(self.changed)));
        let shown = elapsed * (MILLION + i128::from(self.drift_ppm)) / MILLION;
        clamp(i128::from(self.monotonic_then.as_nanos()) + shown)
    }

    /// Length in nanoseconds of the present suspension so far.
    fn slept(&self, now: Time) -> i128 {
        self.suspended.map_or(0, |since| i128::from(nanos(now.since(since))))
    }

    /// Returns the first true time at which the monotonic clock reads `shown` or later; in a
    /// suspension, the time at which it would if there were none.
    pub(crate) fn when(&self, shown: Time) -> Time {
        let ahead = i128::from(nanos(shown.since(self.monotonic_then))) * MILLION;
        let rate = MILLION + i128::from(self.drift_ppm);
        let elapsed = (ahead + rate - 1) / rate;
        clamp(i128::from(self.changed.as_nanos()) + elapsed)
    }

    /// Sets the drift from now on: the clock gains `ppm` (or loses it, if negative). Returns
    /// whether it has changed.
    pub(crate) fn drift(&mut self, now: Time, ppm: i32) -> bool {
        if ppm == self.drift_ppm {
            return false;
        }
        self.note_reading(now);
        self.drift_ppm = ppm;
        true
    }

    /// Makes the monotonic clock stand still, as `CLOCK_MONOTONIC` does while a machine is
    /// suspended.
    pub(crate) fn suspend(&mut self, now: Time) {
        self.suspended.get_or_insert(now);
    }

    /// Ends a suspension: the monotonic clock goes on from where it stood, and the wall clock is
    /// set forward by the length of the suspension, from the clock of the hardware. Returns whether
    /// there was one.
    pub(crate) fn resume(&mut self, now: Time) -> bool {
        let suspended = self.suspended.is_some();
        if suspended {
            self.note_reading(now);
            self.suspended = None;
        }
        suspended
    }

    /// Stores the readings now, as those from which the clock goes on.
    fn note_reading(&mut self, now: Time) {
        self.jumped += self.slept(now);
        self.monotonic_then = self.monotonic(now);
        self.changed = now;
        self.suspended = self.suspended.map(|_| now);
    }

    /// The distance in nanoseconds by which the wall clock must be moved to show that time.
    pub(crate) fn distance(&self, now: Time, wall: Time) -> i128 {
        i128::from(wall.as_nanos()) - i128::from(self.monotonic(now).as_nanos()) - self.jumped - self.slept(now)
    }

    /// Moves the wall clock.
    pub(crate) fn jump(&mut self, by_nanos: i64) {
        self.jumped += i128::from(by_nanos);
    }

    /// Returns the reading of the monotonic clock when `after` has elapsed on it, starting now.
    pub(crate) fn due(&self, now: Time, after: Duration) -> Time {
        self.read(now).monotonic + after
    }
}

fn clamp(nanos: i128) -> Time {
    Time::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_shows_a_span_early_and_a_slow_one_late() {
        let span = Duration::from_millis(1000);
        let when = |ppm| {
            let mut clock = HostClock::default();
            clock.drift(Time::ZERO, ppm);
            clock.when(clock.due(Time::ZERO, span)).as_nanos()
        };
        assert_eq!(when(0), 1_000_000_000);
        assert_eq!(when(250_000), 800_000_000);
        assert_eq!(when(-200_000), 1_250_000_000);
    }

    #[test]
    fn when_is_the_first_instant_that_shows_it() {
        for ppm in [-333_333, -1, 0, 1, 77_777] {
            let mut clock = HostClock::default();
            clock.drift(Time::from_nanos(12_345), ppm);
            for shown in [13_000_u64, 99_999, 1_234_567_891] {
                let at = clock.when(Time::from_nanos(shown));
                assert!(clock.read(at).monotonic.as_nanos() >= shown, "{ppm} {shown}");
                assert!(clock.read(Time::from_nanos(at.as_nanos() - 1)).monotonic.as_nanos() < shown, "{ppm} {shown}");
            }
        }
    }

    #[test]
    fn a_clock_goes_on_from_where_it_was() {
        let clock = HostClock::starting_at(Time::from_nanos(5_000));
        let shown = clock.read(Time::from_nanos(10));
        assert_eq!((shown.monotonic.as_nanos(), shown.wall.as_nanos()), (5_010, 5_010));
        assert_eq!(clock.when(Time::from_nanos(5_010)).as_nanos(), 10);
        assert_eq!(clock.due(Time::from_nanos(10), Duration::from_nanos(3)).as_nanos(), 5_013);
    }

    #[test]
    fn a_clock_of_one_rate_is_one_that_drifts_and_jumps_at_the_start() {
        let mut clock = HostClock::default();
        clock.drift(Time::ZERO, -250_000);
        clock.jump(-30);
        let now = Time::from_nanos(1_001);
        assert_eq!(HostClock::at_rate(-250_000, -30).read(now), clock.read(now));
        assert_eq!(clock.read(now).wall, Time::from_nanos(720));
    }

    #[test]
    fn a_jump_moves_the_wall_clock_alone() {
        let mut clock = HostClock::default();
        clock.jump(-5);
        clock.jump(2_000);
        let shown = clock.read(Time::from_nanos(10));
        assert_eq!((shown.monotonic.as_nanos(), shown.wall.as_nanos()), (10, 2_005));
        clock.jump(-1_000_000);
        assert_eq!(clock.read(Time::from_nanos(10)).wall, Time::ZERO);
        let back = clock.distance(Time::from_nanos(10), Time::from_nanos(7));
        clock.jump(i64::try_from(back).unwrap());
        assert_eq!(clock.read(Time::from_nanos(10)).wall, Time::from_nanos(7), "though it showed no time before 0");
    }

    #[test]
    fn a_dated_clock_can_be_set_back() {
        let mut clock = HostClock::dated(Time::from_millis(5_000));
        clock.jump(-2_000_000_000);
        let shown = clock.read(Time::from_millis(1));
        assert_eq!((shown.monotonic, shown.wall), (Time::from_millis(1), Time::from_millis(3_001)));
    }

    #[test]
    fn a_suspension_stops_the_monotonic_clock_alone() {
        let mut clock = HostClock::dated(Time::from_nanos(1_000));
        let shown = |clock: &HostClock, now| {
            let LocalTime { monotonic, wall } = clock.read(Time::from_nanos(now));
            (monotonic.as_nanos(), wall.as_nanos())
        };
        assert!(!clock.resume(Time::from_nanos(5)), "it was not suspended");
        clock.suspend(Time::from_nanos(10));
        assert_eq!(shown(&clock, 70), (10, 1_070));
        assert_eq!(clock.distance(Time::from_nanos(70), Time::from_nanos(1_070)), 0);
        clock.drift(Time::from_nanos(70), 1_000_000);
        assert_eq!(shown(&clock, 90), (10, 1_090), "a clock that stands still has no rate");
        assert!(clock.resume(Time::from_nanos(110)));
        assert_eq!(shown(&clock, 110), (10, 1_110));
        assert_eq!(shown(&clock, 115), (20, 1_120));
        assert_eq!(clock.when(Time::from_nanos(20)), Time::from_nanos(115));
    }

    #[test]
    fn changing_the_rate_never_steps_the_monotonic_clock() {
        let mut clock = HostClock::default();
        let mut last = Time::ZERO;
        for (at, ppm) in [(100, 500_000), (1_000, -500_000), (5_000, 0), (9_000, -999_999)] {
            clock.drift(Time::from_nanos(at), ppm);
            let shown = clock.read(Time::from_nanos(at)).monotonic;
            assert!(shown >= last);
            last = shown;
        }
    }
}
