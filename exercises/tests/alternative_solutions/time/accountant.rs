//! The level of suspicion, by a student who keeps sums of squares, counts in milliseconds, and
//! treats long and short silences apart.

use quorate_exercises::prelude::*;
use quorate_exercises::suspicion::*;

struct Accountant;

fn millis(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e6
}

impl Suspicion for Accountant {
    fn observe(kept: &[Duration], interval: Duration, window: usize) -> Vec<Duration> {
        let interval = if interval > Duration::from_secs(60) { Duration::from_secs(60) } else { interval };
        let gone = usize::from(kept.len() >= window);
        kept.iter().skip(gone).copied().chain([interval]).collect()
    }

    fn rhythm(kept: &[Duration], first: Duration, least: Duration) -> Rhythm {
        let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for interval in kept.iter().map(|interval| millis(*interval)) {
            count += 1.0;
            sum += interval;
            squares += interval * interval;
        }
        let (mean, deviation) = if count == 0.0 {
            (millis(first), millis(first / 4))
        } else {
            // Rounding may make the difference negative.
            (sum / count, (squares / count - (sum / count).powi(2)).max(0.0).sqrt())
        };
        Rhythm { mean: mean / 1e3, deviation: deviation.max(millis(least)) / 1e3 }
    }

    fn phi(silence: Duration, rhythm: Rhythm) -> f64 {
        let y = (silence.as_secs_f64() - rhythm.mean) / rhythm.deviation;
        let e = (-y * (1.5976 + 0.070566 * y.powi(2))).exp();
        if y > 0.0 { -(e / (1.0 + e)).log10() } else { -(1.0 - 1.0 / (1.0 + e)).log10() }
    }

    fn suspects(phi: Option<f64>, threshold: f64) -> bool {
        match phi {
            Some(phi) => phi > threshold,
            None => true,
        }
    }
}

hand_in!("time-phi", level_of_suspicion::<Accountant>());
