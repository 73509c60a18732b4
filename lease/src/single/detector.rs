//! Failure detectors (timeout and φ accrual). They suggest which node may be dead, and never decide
//! safety.
//!
//! The two detectors are interchangeable. A [timeout](DetectorConfig::Timeout) suspects a node after a fixed
//! silence. The φ accrual detector of Hayashibara, Défago, Yared and Katayama (*The φ Accrual
//! Failure Detector*, 2004) learns the distribution of the node's heartbeat intervals and says how
//! unlikely the current silence is: at level φ, the probability that the heartbeat is merely late
//! is 10 to the power −φ. It adapts to a slow network by itself.
//!
//! The paper's normal distribution is evaluated with the commonly used logistic approximation of
//! its tail, `1 / (1 + exp(y · (1.5976 + 0.070566 · y²)))` for a silence of `y` standard deviations
//! above the mean, in integer millionths, because a machine must get the same result on every
//! platform. Beyond four standard deviations the approximation overestimates φ, which only makes a
//! threshold there slightly more aggressive.

use std::collections::VecDeque;

use quorate_protocol::{Duration, Time, nanos};

use crate::terms::{TermError, check_span};

/// Kind and sensitivity of a failure detector.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DetectorConfig {
    /// Suspects a node after a fixed silence.
    Timeout {
        /// The longest silence that is not suspicious.
        after: Duration,
    },
    /// Suspects a node when φ rises above a threshold (Hayashibara et al. 2004).
    PhiAccrual {
        /// The threshold in thousandths: 8000 is wrong once in 10⁸ heartbeats.
        threshold_milli: u32,
        /// Number of heartbeat intervals remembered, at least 1.
        window: u32,
        /// The interval assumed until one has been observed; the assumed standard deviation is a
        /// quarter of it.
        first_interval: Duration,
        /// Minimum standard deviation, so that a very regular sender is not suspected after a
        /// minimal delay.
        least_deviation: Duration,
    },
}

impl DetectorConfig {
    /// φ accrual with a threshold of 8 and a window of 100 intervals, for heartbeats at the given
    /// interval.
    pub fn phi(interval: Duration) -> Self {
        let least_deviation = (interval / 4).max(Duration::from_nanos(1));
        DetectorConfig::PhiAccrual { threshold_milli: 8000, window: 100, first_interval: interval, least_deviation }
    }

    /// Refuses invalid durations.
    pub(crate) fn check(&self) -> Result<(), TermError> {
        match *self {
            DetectorConfig::Timeout { after } => check_span("the detector's timeout", after),
            DetectorConfig::PhiAccrual { window, first_interval, least_deviation, .. } => {
                check_span("the detector's window", Duration::from_nanos(window.into()))?;
                check_span("the detector's first interval", first_interval)?;
                check_span("the detector's least deviation", least_deviation)
            }
        }
    }
}

/// Failure detector of one node, fed with its heartbeats. All times are readings of the watcher's
/// clock.
///
/// ```
/// use quorate_lease::{Detector, DetectorConfig};
/// use quorate_protocol::{Duration, Time};
///
/// let mut detector = Detector::new(DetectorConfig::phi(Duration::from_millis(100)));
/// for beat in 0..20 {
///     detector.heard(Time::from_millis(beat * 100));
/// }
/// assert!(!detector.suspects(Time::from_millis(2000)));
/// assert!(detector.suspects(Time::from_millis(2300)));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Detector {
    watch: DetectorConfig,
    last: Option<Time>,
    /// The latest intervals in nanoseconds. `sum` and `squares` are their sum and the sum of their
    /// squares.
    intervals: VecDeque<u64>,
    sum: u128,
    squares: u128,
}

impl Detector {
    /// Creates a detector that has heard nothing yet, and therefore suspects.
    pub fn new(watch: DetectorConfig) -> Self {
        Detector { watch, last: None, intervals: VecDeque::new(), sum: 0, squares: 0 }
    }

    /// Records a heartbeat.
    pub fn heard(&mut self, now: Time) {
        if let (DetectorConfig::PhiAccrual { window, .. }, Some(last)) = (self.watch, self.last) {
            while self.intervals.len() >= window as usize
                && let Some(oldest) = self.intervals.pop_front()
            {
                let oldest = u128::from(oldest);
                self.sum -= oldest;
                self.squares -= oldest * oldest;
            }
            // An interval of over a minute says nothing about the regular one, and bounded squares
            // cannot overflow.
            let interval = nanos(now.since(last)).min(60_000_000_000);
            self.intervals.push_back(interval);
            self.sum += u128::from(interval);
            self.squares += u128::from(interval) * u128::from(interval);
            let remembered = || self.intervals.iter().map(|&interval| u128::from(interval));
            debug_assert_eq!(self.sum, remembered().sum::<u128>());
            debug_assert_eq!(self.squares, remembered().map(|interval| interval * interval).sum::<u128>());
        }
        self.last = self.last.max(Some(now));
    }

    /// Time of the last heartbeat.
    pub const fn last(&self) -> Option<Time> {
        self.last
    }

    /// Whether the node is suspected: its silence is too long, or it was never heard.
    pub fn suspects(&self, now: Time) -> bool {
        match (self.watch, self.last) {
            (_, None) => true,
            (DetectorConfig::Timeout { after }, Some(last)) => now.since(last) > after,
            (DetectorConfig::PhiAccrual { threshold_milli, .. }, Some(_)) => {
                self.phi_milli(now) > u64::from(threshold_milli)
            }
        }
    }

    /// φ in thousandths: how unlikely the silence is (Hayashibara et al. 2004). For a timeout, 0 or
    /// `u64::MAX`.
    pub fn phi_milli(&self, now: Time) -> u64 {
        let Some(last) = self.last else { return u64::MAX };
        let (mean, deviation) = match self.watch {
            DetectorConfig::Timeout { after } => return if now.since(last) > after { u64::MAX } else { 0 },
            DetectorConfig::PhiAccrual { first_interval, least_deviation, .. } => {
                let (mean, deviation) = self.rhythm(nanos(first_interval));
                (mean, deviation.max(nanos(least_deviation)))
            }
        };
        let silence = i128::from(nanos(now.since(last)));
        let deviations = (silence - i128::from(mean)) * MICRO / i128::from(deviation.max(1));
        phi_micro(deviations) / 1000
    }

    /// Mean and standard deviation of the intervals, in nanoseconds.
    fn rhythm(&self, first_interval: u64) -> (u64, u64) {
        let count = self.intervals.len() as u128;
        if count == 0 {
            return (first_interval, first_interval / 4);
        }
        let mean = self.sum / count;
        let variance = (self.squares / count).saturating_sub(mean * mean);
        (mean as u64, variance.isqrt() as u64)
    }
}

const MICRO: i128 = 1_000_000;

/// −log₁₀ of the probability of a silence that exceeds the mean by this many millionths of a
/// standard deviation, in millionths.
fn phi_micro(deviations: i128) -> u64 {
    let y = deviations.clamp(-100 * MICRO, 100 * MICRO);
    let slope = 1_597_600 + 70_566 * (y * y / MICRO) / MICRO;
    let z = y * slope / MICRO;
    // −log₁₀(1 / (1 + exp z)) = ln(1 + exp z) / ln 10, and ln(1 + exp z) = max(z, 0) + ln(1 + exp
    // −|z|).
    let natural = z.max(0) + softplus(z.abs());
    u64::try_from(natural * 434_294 / MICRO).unwrap_or(u64::MAX)
}

/// ln(1 + exp −x) for x ≥ 0, both in millionths, by linear interpolation in a table.
fn softplus(x: i128) -> i128 {
    const STEP: i128 = 250_000;
    let (index, rest) = (usize::try_from(x / STEP).unwrap_or(usize::MAX), x % STEP);
    match (TABLE.get(index), TABLE.get(index.saturating_add(1))) {
        (Some(&here), Some(&next)) => {
            let (here, next) = (i128::from(here), i128::from(next));
            here - (here - next) * rest / STEP
        }
        _ => 0,
    }
}

/// ln(1 + exp −x) in millionths for x = 0, ¼, ½, … 14.
const TABLE: [u32; 57] = [
    693_147, 575_939, 474_077, 386_871, 313_262, 251_929, 201_413, 160_224, 126_928, 100_207, 78_890, 61_968, 48_587,
    38_041, 29_750, 23_245, 18_150, 14_163, 11_048, 8_614, 6_715, 5_234, 4_078, 3_178, 2_476, 1_929, 1_502, 1_170, 911,
    710, 553, 431, 335, 261, 203, 158, 123, 96, 75, 58, 45, 35, 28, 21, 17, 13, 10, 8, 6, 5, 4, 3, 2, 2, 1, 1, 1,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn regular(watch: DetectorConfig, interval: u64, beats: u64) -> (Detector, u64) {
        let mut detector = Detector::new(watch);
        (0..beats).for_each(|beat| detector.heard(Time::from_millis(beat * interval)));
        (detector, (beats - 1) * interval)
    }

    #[test]
    fn a_timeout_suspects_after_its_silence_and_not_before() {
        let (detector, last) = regular(DetectorConfig::Timeout { after: ms(50) }, 10, 3);
        assert!(!detector.suspects(Time::from_millis(last + 50)));
        assert!(detector.suspects(Time::from_nanos((last + 50) * 1_000_000 + 1)));
        assert!(Detector::new(DetectorConfig::Timeout { after: ms(50) }).suspects(Time::ZERO));
    }

    /// The tail of the normal distribution at 0 to 4 standard deviations, from published tables: φ
    /// is its −log₁₀.
    #[test]
    fn phi_is_the_logarithm_of_the_normal_tail() {
        for (deviations, milli) in [(0, 301), (1, 800), (2, 1643), (3, 2870), (4, 4500)] {
            let phi = phi_micro(deviations * MICRO) / 1000;
            assert!(phi.abs_diff(milli) <= 300, "{deviations} deviations: {phi}, the table says {milli}");
        }
        assert!(phi_micro(-5 * MICRO) < 1000);
    }

    #[test]
    fn phi_never_falls_while_the_silence_grows() {
        let (detector, last) = regular(DetectorConfig::phi(ms(10)), 10, 30);
        let levels: Vec<u64> = (0..2000).map(|step| detector.phi_milli(Time::from_millis(last + step))).collect();
        assert!(levels.is_sorted(), "{levels:?}");
        assert!(levels[1] < 1000 && levels[1999] > 100_000);
    }

    #[test]
    fn phi_adapts_to_a_slower_rhythm_where_a_timeout_does_not() {
        let (fast, fast_last) = regular(DetectorConfig::phi(ms(10)), 10, 200);
        let (slow, slow_last) = regular(DetectorConfig::phi(ms(10)), 100, 200);
        assert!(fast.suspects(Time::from_millis(fast_last + 105)));
        assert!(!slow.suspects(Time::from_millis(slow_last + 105)));
        assert!(slow.suspects(Time::from_millis(slow_last + 150)));
    }

    #[test]
    fn the_window_forgets_and_extremes_do_not_overflow() {
        let (mut detector, last) = regular(DetectorConfig::phi(ms(10)), 1000, 100);
        (1..=101).for_each(|beat| detector.heard(Time::from_millis(last + beat * 10)));
        assert_eq!(detector.rhythm(0), (10_000_000, 0));
        for at in [Time::MAX, Time::ZERO, Time::MAX] {
            detector.heard(at);
        }
        assert!(detector.phi_milli(Time::MAX) < 1000);
    }
}
