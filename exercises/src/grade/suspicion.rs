//! Grading of a failure detector that says how suspicious a silence is, beside the one of the
//! leases.
//!
//! | what | meaning |
//! |---|---|
//! | `PhiGrows` | a longer silence is no less suspicious, and a very long one much more |
//! | `SuspectsInTheEnd` | a node that is silent for long is suspected |
//! | `NotTooSoon` | a silence as long as the intervals before it is not suspected |
//! | `RegularIsSooner` | of a regular and an irregular sender, the regular one is suspected sooner |
//! | `LearnsTheRhythm` | a sender that becomes slower is not suspected for it, once this is known |
//! | `Level` | the level is the one that the detector of the leases computes from the same heartbeats |
//!
//! Levels are logarithms, which differ in their last digits from one platform to another, and the
//! reference has three digits after the point. So they are compared with a tolerance, and a
//! threshold decides nothing here that is within it.

mod decisions;
mod senders;

use std::marker::PhantomData;

pub use quorate_answer::suspicion::{Rhythm, Suspicion};
use quorate_lab::sim::Rng;
use quorate_lease::{Detector, DetectorConfig};
use quorate_protocol::{Duration, Time, nanos};

use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{CaseFailure, Failed, Grading};

/// Hands in this failure detector.
pub fn level_of_suspicion<T: Suspicion>() -> impl Answer {
    SuspicionAnswer::<T>(PhantomData)
}

struct SuspicionAnswer<T>(PhantomData<T>);

impl<T: Suspicion> Answer for SuspicionAnswer<T> {
    fn grade(&self, _: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        grading.case("silences that grow", |grading| senders::growing::<T>(grading))?;
        grading.case("a regular and an irregular sender", |grading| senders::regular_and_irregular::<T>(grading))?;
        grading.case("a sender that becomes slower", |grading| senders::slower::<T>(grading))?;
        decisions::grade::<T>(grading)?;
        grading.case("the detector of the leases", |grading| senders::beside_the_leases::<T>(grading))
    }
}

/// Random stream number, unique within a grading.
const STREAM: u64 = 0x0F41;

/// Level beyond which an answer need not be exact. Any threshold in use is lower; and an answer
/// that subtracts from 1 runs out of digits above it, and says "infinite".
const HIGH: f64 = 14.0;

fn rng(grading: &Grading) -> Rng {
    Rng::new(grading.fresh(), STREAM)
}

/// Draws a duration in nanoseconds, of all sizes between the two.
fn drawn(rng: &mut Rng, least: Duration, most: Duration) -> Duration {
    let octaves = (nanos(most) / nanos(least).max(1)).max(1).ilog2();
    let base = nanos(least) << rng.below(u64::from(octaves) + 1);
    Duration::from_nanos(rng.within(base, base * 2).min(nanos(most)))
}

/// How far an answer may be from this level.
fn tolerance(level: f64) -> f64 {
    0.01 + level / 100.0
}

/// Whether a level is as it should be, within the tolerance.
fn is_level(answer: f64, right: f64) -> bool {
    // A comparison with NaN is false.
    if right >= HIGH { answer >= HIGH - tolerance(HIGH) } else { (answer - right).abs() <= tolerance(right) }
}

/// Level that the detector of the leases computes. It takes its rhythm from heartbeats, so it is
/// given two that are as far apart as the mean.
fn reference(mean: Duration, deviation: Duration, silence: Duration) -> f64 {
    let mut detector = Detector::new(DetectorConfig::PhiAccrual {
        threshold_milli: u32::MAX,
        window: 1,
        first_interval: mean,
        least_deviation: deviation,
    });
    detector.heard(Time::ZERO);
    detector.heard(Time::ZERO + mean);
    level(&detector, Time::ZERO + mean + silence)
}

fn level(detector: &Detector, now: Time) -> f64 {
    detector.phi_milli(now) as f64 / 1_000.0
}

fn wrong(what: &str, detail: String, grading: &Grading) -> CaseFailure {
    CaseFailure::new(what, detail).in_seed(grading.fresh())
}

/// Learner's detector of one sender.
struct Watched<T> {
    kept: Vec<Duration>,
    window: usize,
    first: Duration,
    least: Duration,
    learner: PhantomData<T>,
}

impl<T: Suspicion> Watched<T> {
    fn new(window: usize, first: Duration, least: Duration) -> Self {
        Watched { kept: Vec::new(), window, first, least, learner: PhantomData }
    }

    /// Hears a heartbeat after this interval. An answer that keeps ever more must not use up the
    /// memory of the grader.
    fn heard(&mut self, interval: Duration, grading: &Grading) -> Result<(), CaseFailure> {
        self.kept = T::observe(&self.kept, interval, self.window);
        if self.kept.len() > self.window {
            let detail = format!("it keeps {} intervals, and the window is {}", self.kept.len(), self.window);
            return Err(wrong("Window", detail, grading));
        }
        Ok(())
    }

    fn phi(&self, silence: Duration) -> f64 {
        T::phi(silence, T::rhythm(&self.kept, self.first, self.least))
    }

    fn suspects(&self, silence: Duration, threshold: f64) -> bool {
        T::suspects(Some(self.phi(silence)), threshold)
    }

    /// The first of the silences of so many steps that is suspected.
    fn first_suspected(&self, step: Duration, steps: u32, threshold: f64) -> Option<Duration> {
        (0..=steps).map(|number| step * number).find(|silence| self.suspects(*silence, threshold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tolerance_bears_the_last_digits_and_no_other_base() {
        assert!(is_level(8.0, 8.02) && !is_level(8.0, 8.2) && !is_level(8.0 * std::f64::consts::LN_10, 8.0));
        assert!(is_level(f64::INFINITY, 15.0) && !is_level(f64::INFINITY, 13.0));
        assert!(!is_level(f64::NAN, 0.0) && !is_level(f64::NAN, 20.0) && !is_level(-0.1, 0.0));
    }

    #[test]
    fn the_reference_is_the_formula_of_the_page() {
        let ms = Duration::from_millis;
        for silence in (0..4_000).step_by(7) {
            let y: f64 = (silence as f64 - 1_000.0) / 250.0;
            let formula = (1.0 + (y * (1.5976 + 0.070566 * y * y)).exp()).log10();
            assert!((reference(ms(1_000), ms(250), ms(silence)) - formula).abs() < 0.003 + formula / 1_000.0);
        }
    }

    #[test]
    fn durations_of_all_sizes_are_drawn() {
        let mut rng = Rng::new(1, 2);
        let (least, most) = (Duration::from_millis(1), Duration::from_secs(60));
        let drawn: Vec<Duration> = (0..1_000).map(|_| drawn(&mut rng, least, most)).collect();
        assert!(drawn.iter().all(|one| (least..=most).contains(one)));
        assert!(drawn.iter().any(|one| *one < least * 3) && drawn.iter().any(|one| *one > most / 3));
    }
}
