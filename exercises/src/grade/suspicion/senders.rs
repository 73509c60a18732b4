//! Senders, regular and irregular ones, watched by the learner's detector.

use quorate_lab::sim::Rng;
use quorate_lease::{Detector, DetectorConfig};
use quorate_protocol::{Duration, Time};

use super::{HIGH, Rhythm, Suspicion, Watched, drawn, is_level, level, rng, tolerance, wrong};
use crate::grading::{CaseFailure, Grading};

const MS: fn(u64) -> Duration = Duration::from_millis;

/// Thresholds that are in use.
fn threshold(rng: &mut Rng) -> f64 {
    rng.within(3, 12) as f64
}

/// Checks that φ grows with the silence.
pub(super) fn growing<T: Suspicion>(grading: &Grading) -> Result<String, CaseFailure> {
    let mut rng = rng(grading);
    let rhythms = 20;
    for _ in 0..rhythms {
        let mean = drawn(&mut rng, MS(1), Duration::from_secs(60));
        let deviation = drawn(&mut rng, mean / 100, mean * 2);
        let rhythm = Rhythm { mean: mean.as_secs_f64(), deviation: deviation.as_secs_f64() };
        let mut before: Option<(Duration, f64)> = None;
        let silences =
            (0..=8).map(|eighths| mean * eighths / 8).chain((1..=40).map(|step| mean + deviation * step / 4));
        for silence in silences {
            let phi = T::phi(silence, rhythm);
            let said = |what: String| {
                let detail = format!("with a mean of {mean:?} and a deviation of {deviation:?}, {what}");
                wrong("PhiGrows", detail, grading)
            };
            if phi.is_nan() {
                return Err(said(format!("phi is not a number (NaN) after a silence of {silence:?}")));
            }
            // The last digits are up to the platform.
            if let Some((shorter, lower)) = before.filter(|(_, lower)| phi < lower - 0.001) {
                return Err(said(format!(
                    "phi is {lower} after a silence of {shorter:?}, and {phi} after {silence:?}"
                )));
            }
            before = Some((silence, phi));
        }
        let (early, late) = (T::phi(mean, rhythm), T::phi(mean + deviation * 6, rhythm));
        if late < early + 1.0 {
            let detail = format!(
                "with a mean of {mean:?} and a deviation of {deviation:?}, phi is {early} after a silence of the \
                 mean, and only {late} if it is six deviations longer"
            );
            return Err(wrong("PhiGrows", detail, grading));
        }
    }
    Ok(format!("phi never falls for {rhythms} random rhythms, from seed {}", grading.fresh()))
}

/// Checks that a regular sender is suspected sooner than one with the same mean that is not.
pub(super) fn regular_and_irregular<T: Suspicion>(grading: &Grading) -> Result<String, CaseFailure> {
    let mut rng = rng(grading);
    let pairs = 5;
    for _ in 0..pairs {
        let (interval, threshold) = (drawn(&mut rng, MS(10), Duration::from_secs(10)), threshold(&mut rng));
        let window = rng.within(4, 20) as usize;
        let mut regular = Watched::<T>::new(window, interval, interval / 10);
        let mut irregular = Watched::<T>::new(window, interval, interval / 10);
        for beat in 0..2 * window as u32 {
            regular.heard(interval, grading)?;
            irregular.heard(interval / 2 + interval * (beat % 2), grading)?;
        }
        let said = |what, detail: String| wrong(what, format!("{detail} (the threshold is {threshold})"), grading);
        let longest = interval / 2 * 3;
        if regular.suspects(interval, threshold) || irregular.suspects(longest, threshold) {
            let detail = format!(
                "a sender is suspected after a silence that is usual for it: {interval:?} of one that sends every \
                 {interval:?}, or {longest:?} of one that sends after {:?} and {longest:?} in turn",
                interval / 2
            );
            return Err(said("NotTooSoon", detail));
        }
        let (step, steps) = (interval / 20, 400);
        let [soon, late] = [&regular, &irregular].map(|sender| sender.first_suspected(step, steps, threshold));
        let (Some(soon), Some(late)) = (soon, late) else {
            let detail = format!(
                "a sender with a mean interval of {interval:?} is not suspected, though it is silent for {:?}",
                step * steps
            );
            return Err(said("SuspectsInTheEnd", detail));
        };
        if soon >= late {
            let detail = format!(
                "a sender that sends every {interval:?} is suspected after {soon:?}, and one whose intervals are {:?} \
                 and {longest:?} in turn after {late:?}",
                interval / 2
            );
            return Err(said("RegularIsSooner", detail));
        }
    }
    Ok(format!("{pairs} pairs, from seed {}", grading.fresh()))
}

/// Checks that a sender that becomes slower is suspected at first, and later is not.
pub(super) fn slower<T: Suspicion>(grading: &Grading) -> Result<String, CaseFailure> {
    let mut rng = rng(grading);
    let senders = 5;
    for _ in 0..senders {
        let (fast, threshold) = (drawn(&mut rng, MS(10), Duration::from_secs(3)), threshold(&mut rng));
        let (slow, window) = (fast * 10, rng.within(1, 30) as usize);
        let mut sender = Watched::<T>::new(window, fast, fast / 4);
        for _ in 0..2 * window {
            sender.heard(fast, grading)?;
        }
        if !sender.suspects(slow, threshold) {
            let detail = format!(
                "a sender that has sent every {fast:?} is not suspected after {slow:?} (the threshold is {threshold})"
            );
            return Err(wrong("SuspectsInTheEnd", detail, grading));
        }
        for _ in 0..window {
            sender.heard(slow, grading)?;
        }
        if sender.suspects(slow, threshold) {
            let detail = format!(
                "a sender has sent {window} times every {slow:?}, which fills the window, and is still suspected after \
                 {slow:?} (the threshold is {threshold})"
            );
            return Err(wrong("LearnsTheRhythm", detail, grading));
        }
        for _ in 0..window {
            sender.heard(fast, grading)?;
        }
        if !sender.suspects(slow, threshold) {
            let detail = format!(
                "a sender was slow once, and has now sent {window} times every {fast:?}, which fills the window; it is \
                 not suspected after {slow:?} (the threshold is {threshold})"
            );
            return Err(wrong("LearnsTheRhythm", detail, grading));
        }
    }
    Ok(format!("{senders} senders, from seed {}", grading.fresh()))
}

/// Interval until the next heartbeat: mostly near the usual one; some heartbeats are lost, and
/// sometimes the network is away for minutes.
fn interval(rng: &mut Rng, usual: Duration) -> Duration {
    let jitter = usual * rng.within(500, 1_500) as u32 / 1_000;
    match rng.below(20) {
        0 => jitter + usual,
        1 => jitter + usual * 5,
        2 if rng.below(4) == 0 => jitter + Duration::from_secs(100),
        _ => jitter,
    }
}

/// Gives the learner's detector and that of the leases the same heartbeats.
pub(super) fn beside_the_leases<T: Suspicion>(grading: &Grading) -> Result<String, CaseFailure> {
    let mut rng = rng(grading);
    let mut count = 0;
    for _ in 0..10 {
        let usual = drawn(&mut rng, MS(10), Duration::from_secs(5));
        let (first, least) = (drawn(&mut rng, usual / 4, usual * 4), drawn(&mut rng, usual / 20, usual));
        let (window, threshold) = (rng.within(1, 40) as u32, threshold(&mut rng));
        let mut detector = Detector::new(DetectorConfig::PhiAccrual {
            threshold_milli: (threshold * 1_000.0) as u32,
            window,
            first_interval: first,
            least_deviation: least,
        });
        let mut sender = Watched::<T>::new(window as usize, first, least);
        let mut now = Time::from_millis(rng.below(100_000));
        detector.heard(now);
        for beat in 0..60 {
            let silence = drawn(&mut rng, usual / 4, usual * 8);
            let (answer, right) = (sender.phi(silence), level(&detector, now + silence));
            let described = || {
                format!(
                    "after {beat} intervals of about {usual:?} (a window of {window}, a first interval of {first:?}, a \
                     least deviation of {least:?}) and a silence of {silence:?}"
                )
            };
            if !is_level(answer, right) {
                let right = if right >= HIGH { format!("at least {HIGH}") } else { format!("{right}") };
                return Err(wrong("Level", format!("{} phi is {answer}, and should be {right}", described()), grading));
            }
            let is_clear = (right - threshold).abs() > tolerance(right) + tolerance(threshold);
            let suspected = sender.suspects(silence, threshold);
            if is_clear && suspected != detector.suspects(now + silence) {
                let says = if suspected { "is suspected" } else { "is not suspected" };
                let detail = format!("{} a node {says}; phi is {right}, and the threshold {threshold}", described());
                return Err(wrong("Level", detail, grading));
            }
            let next = interval(&mut rng, usual);
            now = now + next;
            detector.heard(now);
            sender.heard(next, grading)?;
            count += 1;
        }
    }
    Ok(format!("{count} heartbeats, from seed {}", grading.fresh()))
}
