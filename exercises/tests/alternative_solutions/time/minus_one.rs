//! The level of suspicion, by a student who subtracts from 1, and gets an infinite level for a long
//! silence: a float has no more digits near 1.

use std::collections::VecDeque;

use quorate_exercises::prelude::*;
use quorate_exercises::suspicion::*;

struct MinusOne;

impl Suspicion for MinusOne {
    fn observe(kept: &[Duration], interval: Duration, window: usize) -> Vec<Duration> {
        let mut ring: VecDeque<Duration> = kept.iter().copied().collect();
        ring.push_back(interval.clamp(Duration::ZERO, Duration::from_secs(60)));
        while ring.len() > window {
            ring.pop_front();
        }
        ring.into()
    }

    fn rhythm(kept: &[Duration], first: Duration, least: Duration) -> Rhythm {
        // Welford's: one pass, without large squares.
        let (mut mean, mut distances) = (0.0, 0.0);
        for (place, interval) in kept.iter().map(Duration::as_secs_f64).enumerate() {
            let before = interval - mean;
            mean += before / (place + 1) as f64;
            distances += before * (interval - mean);
        }
        let deviation = (distances / kept.len() as f64).sqrt();
        let (mean, deviation) =
            if kept.is_empty() { (first.as_secs_f64(), first.as_secs_f64() / 4.0) } else { (mean, deviation) };
        Rhythm { mean, deviation: deviation.max(least.as_secs_f64()) }
    }

    fn phi(silence: Duration, rhythm: Rhythm) -> f64 {
        let y = (silence.as_secs_f64() - rhythm.mean) / rhythm.deviation;
        let in_time = 1.0 / (1.0 + (-y * (1.5976 + 0.070566 * y * y)).exp());
        -(1.0 - in_time).log10()
    }

    fn suspects(phi: Option<f64>, threshold: f64) -> bool {
        phi.unwrap_or(f64::INFINITY) > threshold
    }
}

hand_in!("time-phi", level_of_suspicion::<MinusOne>());
