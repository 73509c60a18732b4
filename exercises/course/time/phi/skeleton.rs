//! A failure detector that says how suspicious a silence is. Read
//! `quorate learn show time-phi` first.

use quorate_exercises::prelude::*;
use quorate_exercises::suspicion::*;

/// Your failure detector.
struct Mine;

impl Suspicion for Mine {
    /// Intervals that are kept from now on, the oldest first, at most `window` of them.
    fn observe(kept: &[Duration], interval: Duration, window: usize) -> Vec<Duration> {
        unfinished!(kept, interval, window)
    }

    /// Mean and deviation of these intervals, in seconds.
    fn rhythm(kept: &[Duration], first: Duration, least: Duration) -> Rhythm {
        unfinished!(kept, first, least)
    }

    /// Hayashibara 2004: the level after this silence.
    fn phi(silence: Duration, rhythm: Rhythm) -> f64 {
        unfinished!(silence, rhythm)
    }

    /// Whether a node is suspected. `phi` is `None` if it was never heard.
    fn suspects(phi: Option<f64>, threshold: f64) -> bool {
        unfinished!(phi, threshold)
    }
}

hand_in!("time-phi", level_of_suspicion::<Mine>());
