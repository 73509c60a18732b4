//! The clock discipline (RFC 5905 §11.3): the correction of a host's clock, and what becomes of an
//! offset.

use quorate_protocol::{Duration, Time, nanos};

use super::offset::Offset;

/// Thresholds of the clock discipline (RFC 5905 §11.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Thresholds {
    /// Offset up to which the clock is slewed.
    pub step: Duration,
    /// Span for which an offset must stay above that before it is stepped.
    pub stepout: Duration,
    /// Offset above which the host stops.
    pub panic: Duration,
    /// The same for the first correction after a start: more with ntpd's option `-g`.
    pub panic_at_boot: Duration,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            step: Duration::from_millis(128),
            stepout: Duration::from_secs(900),
            panic: Duration::from_secs(1000),
            panic_at_boot: Duration::from_secs(1000),
        }
    }
}

/// Largest rate of a slew, in parts per million of the monotonic clock.
const SLEW_PPM: i128 = 500;

/// Correction of a host's clock, which a slew changes little by little.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Correction {
    base: Offset,
    left: Offset,
    /// The moment of `base`, on the monotonic clock.
    since: Time,
}

impl Correction {
    pub(crate) fn none(now: Time) -> Self {
        Correction { base: Offset::ZERO, left: Offset::ZERO, since: now }
    }

    /// The part of the slew that is done.
    fn slewed(&self, now: Time) -> Offset {
        let most = i128::from(nanos(now.since(self.since))) * SLEW_PPM / 1_000_000;
        Offset::clamped(i128::from(self.left.as_nanos()).clamp(-most, most))
    }

    /// The correction at a moment of the monotonic clock.
    pub(crate) fn at(&self, now: Time) -> Offset {
        self.base.plus(self.slewed(now))
    }

    /// The rest of the slew.
    pub(crate) fn left(&self, now: Time) -> Offset {
        self.left.minus(self.slewed(now))
    }

    /// Slews by this offset from now on, instead of the rest of an earlier slew.
    pub(crate) fn slew(&mut self, now: Time, by: Offset) {
        *self = Correction { base: self.at(now), left: by, since: now };
    }

    /// Steps by this offset at once, and ends a slew.
    pub(crate) fn step(&mut self, now: Time, by: Offset) {
        *self = Correction { base: self.at(now).plus(by), left: Offset::ZERO, since: now };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slew_takes_two_thousand_times_as_long_as_its_offset() {
        let (ms, offset) = (Time::from_millis, Offset::from_nanos(-100_000_000));
        let mut correction = Correction::none(ms(0));
        correction.slew(ms(1000), offset);
        assert_eq!(correction.at(ms(1000)), Offset::ZERO);
        assert_eq!(correction.at(ms(101_000)), Offset::from_nanos(-50_000_000));
        assert_eq!(correction.left(ms(101_000)), Offset::from_nanos(-50_000_000));
        assert_eq!(correction.at(ms(201_000)), offset);
        assert_eq!(correction.at(ms(900_000)), offset, "it ends there");
        correction.step(ms(900_000), Offset::from_nanos(1));
        assert_eq!(correction.at(ms(900_000)), Offset::from_nanos(-99_999_999));
    }
}
