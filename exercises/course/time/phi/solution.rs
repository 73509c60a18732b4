//! A failure detector that says how suspicious a silence is.

use quorate_exercises::prelude::*;
use quorate_exercises::suspicion::*;

/// An interval of more than this says nothing about the usual rhythm.
const LONGEST: Duration = Duration::from_secs(60);

/// φ accrual, with the usual approximation of the normal distribution's tail.
struct Mine;

impl Suspicion for Mine {
    fn observe(kept: &[Duration], interval: Duration, window: usize) -> Vec<Duration> {
        let mut all = kept.to_vec();
        all.push(interval.min(LONGEST));
        all.split_off(all.len().saturating_sub(window))
    }

    fn rhythm(kept: &[Duration], first: Duration, least: Duration) -> Rhythm {
        let least = least.as_secs_f64();
        if kept.is_empty() {
            let mean = first.as_secs_f64();
            return Rhythm { mean, deviation: (mean / 4.0).max(least) };
        }
        let count = kept.len() as f64;
        let mean = kept.iter().map(Duration::as_secs_f64).sum::<f64>() / count;
        let squares = kept.iter().map(|interval| (interval.as_secs_f64() - mean).powi(2));
        let variance = squares.sum::<f64>() / count;
        Rhythm { mean, deviation: variance.sqrt().max(least) }
    }

    fn phi(silence: Duration, rhythm: Rhythm) -> f64 {
        let y = (silence.as_secs_f64() - rhythm.mean) / rhythm.deviation;
        let e = (y * (1.5976 + 0.070566 * y * y)).exp();
        (1.0 + e).log10()
    }

    fn suspects(phi: Option<f64>, threshold: f64) -> bool {
        phi.is_none_or(|phi| phi > threshold)
    }
}

hand_in!("time-phi", level_of_suspicion::<Mine>());
