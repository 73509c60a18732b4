//! The bound on the rate of a clock, and what a span on that clock says about true time.

use std::fmt;

use quorate_protocol::{Duration, nanos};

const MILLION: u128 = 1_000_000;

/// Bound on the drift of a clock, in parts per million: while a second passes, the clock advances
/// by one second, give or take so many microseconds.
///
/// ```
/// use quorate_protocol::Duration;
/// use quorate_time::Drift;
///
/// let spanner = Drift::ppm(200)?;
/// let poll = Duration::from_secs(30);
/// // Thirty seconds on such a clock are at most six milliseconds more, and at most as much less.
/// assert_eq!(spanner.longest(poll), Duration::from_nanos(30_006_001_201));
/// assert_eq!(spanner.shortest(poll), Duration::from_nanos(29_994_001_199));
/// # Ok::<(), quorate_time::BadDrift>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Drift(u32);

impl Drift {
    /// A bound in parts per million.
    ///
    /// # Errors
    /// [`BadDrift`] if it is a million or more: such a clock may stand still, and says nothing.
    pub const fn ppm(ppm: u32) -> Result<Self, BadDrift> {
        if (ppm as u128) < MILLION { Ok(Drift(ppm)) } else { Err(BadDrift { ppm }) }
    }

    /// The bound in parts per million.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The least true time that passes while the clock shows this span, rounded down.
    pub fn shortest(self, shown: Duration) -> Duration {
        scaled(shown, MILLION, MILLION + u128::from(self.0), 0)
    }

    /// The most true time that passes while the clock shows this span, rounded up.
    pub fn longest(self, shown: Duration) -> Duration {
        scaled(shown, MILLION, MILLION - u128::from(self.0), 1)
    }

    /// The span on the clock after which at least so much true time has passed, rounded up.
    pub fn wait_for(self, passed: Duration) -> Duration {
        scaled(passed, MILLION + u128::from(self.0), MILLION, 1)
    }
}

/// `span * times / by`, rounded down, or up if `up` is 1; at most the longest duration in
/// nanoseconds.
fn scaled(span: Duration, times: u128, by: u128, up: u128) -> Duration {
    let product = u128::from(nanos(span)) * times;
    let whole = (product + up * (by - 1)) / by;
    Duration::from_nanos(u64::try_from(whole).unwrap_or(u64::MAX))
}

/// Error: a drift of a million parts per million or more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadDrift {
    ppm: u32,
}

impl fmt::Display for BadDrift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a drift of {}ppm lets the clock stand still: choose less than 1000000ppm", self.ppm)
    }
}

impl std::error::Error for BadDrift {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_bounded_from_both_sides() {
        let drift = Drift::ppm(250_000).unwrap();
        let second = Duration::from_secs(1);
        assert_eq!(drift.shortest(second), Duration::from_millis(800));
        assert_eq!(drift.longest(second), Duration::from_nanos(1_333_333_334));
        assert_eq!(drift.wait_for(second), Duration::from_millis(1250));
        assert_eq!(drift.shortest(drift.wait_for(second)), second);
        assert_eq!(Drift::default().longest(second), second);
        assert_eq!(drift.longest(Duration::MAX), Duration::from_nanos(u64::MAX));
    }

    #[test]
    fn a_clock_that_may_stand_still_is_refused() {
        let error = Drift::ppm(1_000_000).unwrap_err().to_string();
        assert_eq!(error, "a drift of 1000000ppm lets the clock stand still: choose less than 1000000ppm");
        assert_eq!(Drift::ppm(999_999).unwrap().get(), 999_999);
    }
}
