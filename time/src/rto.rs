//! The retransmission timeout, derived from measured round trips (Jacobson and Karels 1988; RFC
//! 6298).
//!
//! A timeout that is too short sends again what was on its way; one that is too long waits for what
//! is lost. So the timeout follows the round trips that are measured: their smoothed mean, and four
//! times their mean deviation, because round trips under load vary far more than their mean tells.

use quorate_protocol::Duration;

/// Limits of a timeout.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// The timeout before anything was measured.
    pub initial: Duration,
    /// The shortest timeout.
    pub min: Duration,
    /// The longest timeout.
    pub max: Duration,
    /// Granularity of the clock.
    pub granularity: Duration,
}

impl Limits {
    /// RFC 6298 §2: one second at first and at least, a minute at most, a clock of a millisecond.
    pub const RFC_6298: Limits = Limits {
        initial: Duration::from_secs(1),
        min: Duration::from_secs(1),
        max: Duration::from_secs(60),
        granularity: Duration::from_millis(1),
    };

    fn clamp(&self, timeout: Duration) -> Duration {
        timeout.max(self.min).min(self.max)
    }
}

/// Formula of a timeout: the smoothed round trip, its variation and the granularity of the clock.
pub type Formula = fn(Duration, Duration, Duration) -> Duration;

/// RFC 6298 §2.3: the smoothed round trip and four times its variation.
pub fn timeout(smoothed: Duration, variation: Duration, granularity: Duration) -> Duration {
    smoothed.saturating_add(granularity.max(variation.saturating_mul(4)))
}

/// Estimate of the round trip, and the timeout that follows from it.
///
/// ```
/// use quorate_protocol::Duration;
/// use quorate_time::rto::{Estimator, Limits, timeout};
///
/// let ms = Duration::from_millis;
/// let limits = Limits { min: ms(1), ..Limits::RFC_6298 };
/// let mut estimator = Estimator::new(&limits);
/// assert_eq!(estimator.timeout(), ms(1000));
/// estimator.sample(ms(100), &limits, timeout);
/// assert_eq!(estimator.timeout(), ms(300), "100 ms, and four times half of it");
/// estimator.back_off(&limits);
/// assert_eq!(estimator.timeout(), ms(600));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Estimator {
    smoothed: Option<Duration>,
    variation: Duration,
    timeout: Duration,
}

impl Estimator {
    /// An estimate before any measurement (RFC 6298 §2.1).
    pub fn new(limits: &Limits) -> Self {
        Estimator { smoothed: None, variation: Duration::ZERO, timeout: limits.initial }
    }

    /// The smoothed round trip, once one was measured.
    pub fn smoothed(&self) -> Option<Duration> {
        self.smoothed
    }

    /// The smoothed deviation of round trips from their mean.
    pub fn variation(&self) -> Duration {
        self.variation
    }

    /// The present timeout.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Learns a measured round trip (RFC 6298 §2.2 and §2.3). The formula is [`timeout`], unless it
    /// is to be shown why. It ends a back-off.
    pub fn sample(&mut self, round_trip: Duration, limits: &Limits, formula: Formula) {
        let (smoothed, variation) = match self.smoothed {
            None => (round_trip, round_trip / 2),
            Some(smoothed) => {
                let deviation = smoothed.abs_diff(round_trip);
                // With the estimate of before, in this order (RFC 6298 §2.3).
                let variation = (self.variation.saturating_mul(3).saturating_add(deviation)) / 4;
                ((smoothed.saturating_mul(7).saturating_add(round_trip)) / 8, variation)
            }
        };
        (self.smoothed, self.variation) = (Some(smoothed), variation);
        self.timeout = limits.clamp(formula(smoothed, variation, limits.granularity));
    }

    /// Doubles the timeout, after it has passed without an answer (RFC 6298 §5.5).
    pub fn back_off(&mut self, limits: &Limits) {
        self.timeout = limits.clamp(self.timeout.saturating_mul(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn after(samples: &[u64], limits: &Limits) -> Estimator {
        let mut estimator = Estimator::new(limits);
        for sample in samples {
            estimator.sample(ms(*sample), limits, timeout);
        }
        estimator
    }

    #[test]
    fn the_first_sample_sets_mean_and_half_of_it() {
        let estimator = after(&[400], &Limits::RFC_6298);
        assert_eq!((estimator.smoothed(), estimator.variation()), (Some(ms(400)), ms(200)));
        assert_eq!(estimator.timeout(), ms(1200));
    }

    /// §2.3: RTTVAR = 3/4 * 200 + 1/4 * |400 - 800|, SRTT = 7/8 * 400 + 1/8 * 800.
    #[test]
    fn later_samples_are_smoothed_by_an_eighth_and_a_quarter() {
        let estimator = after(&[400, 800], &Limits::RFC_6298);
        assert_eq!((estimator.smoothed(), estimator.variation()), (Some(ms(450)), ms(250)));
        assert_eq!(estimator.timeout(), ms(1450));
    }

    /// §2.1, §2.4 and §2.5.
    #[test]
    fn a_timeout_stays_within_its_limits() {
        assert_eq!(Estimator::new(&Limits::RFC_6298).timeout(), ms(1000));
        assert_eq!(after(&[10], &Limits::RFC_6298).timeout(), ms(1000), "at least a second");
        assert_eq!(after(&[50_000], &Limits::RFC_6298).timeout(), ms(60_000), "at most a minute");
    }

    /// §2.3: the variation of steady round trips vanishes, and the granularity stays.
    #[test]
    fn the_granularity_is_a_lower_limit_of_the_margin() {
        let limits = Limits { min: ms(1), ..Limits::RFC_6298 };
        let estimator = after(&[100; 60], &limits);
        assert_eq!(estimator.smoothed(), Some(ms(100)));
        assert!(estimator.variation() < ms(1));
        assert_eq!(estimator.timeout(), ms(101));
    }

    /// §5.5 and §5.7: it doubles up to the limit, and a new sample ends that.
    #[test]
    fn a_back_off_doubles_until_the_next_sample() {
        let mut estimator = after(&[400], &Limits::RFC_6298);
        let mut timeouts = Vec::new();
        for _ in 0..7 {
            estimator.back_off(&Limits::RFC_6298);
            timeouts.push(estimator.timeout().as_millis());
        }
        assert_eq!(timeouts, [2400, 4800, 9600, 19_200, 38_400, 60_000, 60_000]);
        estimator.sample(ms(400), &Limits::RFC_6298, timeout);
        assert_eq!(estimator.timeout(), ms(1000), "400 ms, and four times 150 ms");
    }

    #[test]
    fn extreme_samples_do_not_overflow() {
        let mut estimator = Estimator::new(&Limits::RFC_6298);
        for sample in [Duration::MAX, Duration::ZERO, Duration::MAX] {
            estimator.sample(sample, &Limits::RFC_6298, timeout);
            assert_eq!(estimator.timeout(), ms(60_000));
        }
    }
}
