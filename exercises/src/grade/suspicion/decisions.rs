//! The decisions one by one, each against what the page says.

use quorate_lab::sim::Rng;
use quorate_protocol::Duration;

use super::{HIGH, Rhythm, Suspicion, drawn, is_level, reference, rng, wrong};
use crate::grading::{CaseFailure, DECISION, Failed, Grading};

/// The longest interval that counts.
const LONGEST: Duration = Duration::from_secs(60);

/// Asks for each decision.
///
/// # Errors
/// [`Failed`], if one is wrong.
pub(super) fn grade<T: Suspicion>(grading: &mut Grading) -> Result<(), Failed> {
    grading.case("which intervals are kept", |grading| window::<T>(grading))?;
    grading.case("the rhythm of intervals", |grading| rhythm::<T>(grading))?;
    grading.case("the level of silences", |grading| phi::<T>(grading))?;
    grading.case("thresholds", |grading| suspects::<T>(grading))
}

fn amiss(detail: String, grading: &Grading) -> CaseFailure {
    wrong(DECISION, detail, grading)
}

fn intervals(rng: &mut Rng, count: u64) -> Vec<Duration> {
    (0..count).map(|_| drawn(rng, Duration::from_millis(1), LONGEST)).collect()
}

fn window<T: Suspicion>(grading: &Grading) -> Result<String, CaseFailure> {
    let mut rng = rng(grading);
    let nano = Duration::from_nanos(1);
    let mut count = 0;
    for window in [1, 2, 3, 10, rng.within(4, 100)] {
        for length in 0..=window.min(20) {
            let kept = intervals(&mut rng, if length < 20 { length } else { window });
            let random = drawn(&mut rng, Duration::from_millis(1), LONGEST);
            let long = Duration::from_nanos(u64::MAX);
            for interval in [random, Duration::ZERO, LONGEST - nano, LONGEST, LONGEST + nano, LONGEST * 2, long] {
                let answer = T::observe(&kept, interval, window as usize);
                let mut right = kept.clone();
                right.push(interval.min(LONGEST));
                let right = right.split_off(right.len().saturating_sub(window as usize));
                if answer != right {
                    let detail = format!(
                        "observe(kept: {kept:?}, interval: {interval:?}, window: {window}) answers {answer:?}; it should \
                         be {right:?}"
                    );
                    return Err(amiss(detail, grading));
                }
                count += 1;
            }
        }
    }
    Ok(format!("{count} intervals, some of them random, from seed {}", grading.fresh()))
}

fn rhythm<T: Suspicion>(grading: &Grading) -> Result<String, CaseFailure> {
    let mut rng = rng(grading);
    let mut count = 0;
    for length in [0, 1, 2, 3, 5, 10, 100] {
        for _ in 0..8 {
            let kept = intervals(&mut rng, length);
            let first = drawn(&mut rng, Duration::from_millis(1), LONGEST);
            for least in
                [Duration::from_nanos(1), first / 10, first * 3, drawn(&mut rng, Duration::from_millis(1), LONGEST)]
            {
                let answer = T::rhythm(&kept, first, least);
                let right = by_the_page(&kept, first, least);
                // A root of a difference of squares keeps half of the digits.
                let near = |one: f64, other: f64| (one - other).abs() <= 1e-5 * (right.mean + right.deviation);
                if !near(answer.mean, right.mean) || !near(answer.deviation, right.deviation) {
                    let detail = format!(
                        "rhythm(kept: {kept:?}, first: {first:?}, least: {least:?}) answers {answer:?}; it should be \
                         {right:?}"
                    );
                    return Err(amiss(detail, grading));
                }
                count += 1;
            }
        }
    }
    Ok(format!("{count} rhythms, from seed {}", grading.fresh()))
}

/// The mean, and the deviation of the whole, not that of a sample.
fn by_the_page(kept: &[Duration], first: Duration, least: Duration) -> Rhythm {
    let (mean, deviation) = if kept.is_empty() {
        (first.as_secs_f64(), first.as_secs_f64() / 4.0)
    } else {
        let count = kept.len() as f64;
        let mean = kept.iter().map(Duration::as_secs_f64).sum::<f64>() / count;
        let squares = kept.iter().map(|interval| (interval.as_secs_f64() - mean).powi(2));
        (mean, (squares.sum::<f64>() / count).sqrt())
    };
    Rhythm { mean, deviation: deviation.max(least.as_secs_f64()) }
}

fn phi<T: Suspicion>(grading: &Grading) -> Result<String, CaseFailure> {
    let mut rng = rng(grading);
    let mut count = 0;
    for _ in 0..40 {
        let mean = drawn(&mut rng, Duration::from_millis(1), LONGEST);
        let deviation = drawn(&mut rng, mean / 100, mean * 2);
        let at = |quarters: u32| mean + deviation * quarters / 4;
        let silences = [Duration::ZERO, mean / 2].into_iter().chain([0, 1, 2, 4, 6, 8, 12, 16, 20, 40, 400].map(at));
        for silence in silences.chain([drawn(&mut rng, mean / 4, mean + deviation * 5)]) {
            let rhythm = Rhythm { mean: mean.as_secs_f64(), deviation: deviation.as_secs_f64() };
            let (answer, right) = (T::phi(silence, rhythm), reference(mean, deviation, silence));
            if !is_level(answer, right) {
                let right = if right >= HIGH { format!("at least {HIGH}") } else { format!("about {right}") };
                let detail = format!(
                    "phi(silence: {silence:?}, mean: {mean:?}, deviation: {deviation:?}) answers {answer}; it should be \
                     {right}"
                );
                return Err(amiss(detail, grading));
            }
            count += 1;
        }
    }
    Ok(format!("{count} silences, from seed {}", grading.fresh()))
}

fn suspects<T: Suspicion>(grading: &Grading) -> Result<String, CaseFailure> {
    let mut rng = rng(grading);
    let mut count = 0;
    let random = rng.within(2, 12_000) as f64 / 1_000.0;
    for threshold in [1.0, 3.0, 8.0, 12.0, random] {
        let near = [threshold - 0.001, threshold, threshold + 0.001, threshold / 2.0, threshold * 2.0];
        let levels = near.into_iter().chain([0.0, f64::INFINITY]).map(Some).chain([None]);
        for level in levels {
            let right = level.is_none_or(|level| level > threshold);
            if T::suspects(level, threshold) != right {
                let detail = format!(
                    "suspects(phi: {level:?}, threshold: {threshold}) answers {}; it should be {right}",
                    !right
                );
                return Err(amiss(detail, grading));
            }
            count += 1;
        }
    }
    Ok(format!("{count} levels, from seed {}", grading.fresh()))
}
