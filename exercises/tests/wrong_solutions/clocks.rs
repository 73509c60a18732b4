//! Wrong answers about the level of suspicion and about hybrid clocks.

/// Wrong answers about the level of suspicion.
pub mod suspicion {
    use quorate_exercises::prelude::*;
    use quorate_exercises::suspicion::*;

    use crate::mistake::{Mistake, grade};

    const MINUTE: Duration = Duration::from_secs(60);

    fn keep(kept: &[Duration], interval: Duration, window: usize) -> Vec<Duration> {
        let mut all = kept.to_vec();
        all.push(interval.min(MINUTE));
        all.split_off(all.len().saturating_sub(window))
    }

    fn mean_of(kept: &[Duration]) -> f64 {
        kept.iter().map(Duration::as_secs_f64).sum::<f64>() / kept.len() as f64
    }

    fn squares(kept: &[Duration]) -> f64 {
        let mean = mean_of(kept);
        kept.iter().map(|interval| (interval.as_secs_f64() - mean).powi(2)).sum()
    }

    fn learnt(kept: &[Duration], first: Duration, least: Duration) -> Rhythm {
        let (mean, deviation) = match kept {
            [] => (first.as_secs_f64(), first.as_secs_f64() / 4.0),
            kept => (mean_of(kept), (squares(kept) / kept.len() as f64).sqrt()),
        };
        Rhythm { mean, deviation: deviation.max(least.as_secs_f64()) }
    }

    fn y(silence: Duration, rhythm: Rhythm) -> f64 {
        (silence.as_secs_f64() - rhythm.mean) / rhythm.deviation
    }

    fn e(y: f64) -> f64 {
        (y * (1.5976 + 0.070566 * y * y)).exp()
    }

    fn level(silence: Duration, rhythm: Rhythm) -> f64 {
        (1.0 + e(y(silence, rhythm))).log10()
    }

    fn above(phi: Option<f64>, threshold: f64) -> bool {
        phi.is_none_or(|phi| phi > threshold)
    }

    /// Failure detectors with one wrong function, the others being right.
    macro_rules! detectors {
        ($($name:ident $what:literal: $decision:ident($($given:ident),+) $answer:expr;)+) => {
            $(
                struct $name;

                impl Suspicion for $name {
                    detectors!(@ $decision($($given),+) $answer);
                }
            )+

            /// All mistakes of this list.
            pub const ALL: &[Mistake] = &[$(Mistake {
                exercise: "time-phi",
                what: $what,
                grade: |fresh| grade("time-phi", &level_of_suspicion::<$name>(), fresh),
            }),+];
        };
        (@ observe($kept:ident, $interval:ident, $window:ident) $answer:expr) => {
            fn observe($kept: &[Duration], $interval: Duration, $window: usize) -> Vec<Duration> { $answer }
            detectors!(@@ rhythm);
            detectors!(@@ phi);
            detectors!(@@ suspects);
        };
        (@ rhythm($kept:ident, $first:ident, $least:ident) $answer:expr) => {
            fn rhythm($kept: &[Duration], $first: Duration, $least: Duration) -> Rhythm { $answer }
            detectors!(@@ observe);
            detectors!(@@ phi);
            detectors!(@@ suspects);
        };
        (@ phi($silence:ident, $rhythm:ident) $answer:expr) => {
            fn phi($silence: Duration, $rhythm: Rhythm) -> f64 { $answer }
            detectors!(@@ observe);
            detectors!(@@ rhythm);
            detectors!(@@ suspects);
        };
        (@ suspects($phi:ident, $threshold:ident) $answer:expr) => {
            fn suspects($phi: Option<f64>, $threshold: f64) -> bool { $answer }
            detectors!(@@ observe);
            detectors!(@@ rhythm);
            detectors!(@@ phi);
        };
        (@@ observe) => {
            fn observe(kept: &[Duration], interval: Duration, window: usize) -> Vec<Duration> { keep(kept, interval, window) }
        };
        (@@ rhythm) => {
            fn rhythm(kept: &[Duration], first: Duration, least: Duration) -> Rhythm { learnt(kept, first, least) }
        };
        (@@ phi) => {
            fn phi(silence: Duration, rhythm: Rhythm) -> f64 { level(silence, rhythm) }
        };
        (@@ suspects) => {
            fn suspects(phi: Option<f64>, threshold: f64) -> bool { above(phi, threshold) }
        };
    }

    detectors! {
        Everything "all intervals are kept": observe(kept, interval, window) { let _ = window; keep(kept, interval, usize::MAX) };
        Doubled "more and more are kept": observe(kept, interval, window) {
            let once = keep(kept, interval, window);
            [once.clone(), once].concat()
        };
        OneShort "one fewer than the window": observe(kept, interval, window) keep(kept, interval, (window - 1).max(1));
        FirstOnes "the first ones are kept": observe(kept, interval, window) {
            keep(kept, interval, usize::MAX).into_iter().take(window).collect()
        };
        NewestFirst "the newest one is put in front": observe(kept, interval, window) {
            [interval.min(MINUTE)].into_iter().chain(kept.iter().copied()).take(window).collect()
        };
        Uncapped "an interval of any length counts": observe(kept, interval, window) {
            let mut kept = keep(kept, interval, window);
            if let Some(last) = kept.last_mut() {
                *last = interval;
            }
            kept
        };
        Dropped "an interval of more than a minute is left out": observe(kept, interval, window) {
            if interval > MINUTE { kept.to_vec() } else { keep(kept, interval, window) }
        };
        Nothing "nothing is learnt": observe(kept, interval, window) { let _ = (kept, interval, window); Vec::new() };

        Sample "the deviation of a sample": rhythm(kept, first, least) {
            let rhythm = learnt(kept, first, least);
            let deviation = (squares(kept) / (kept.len() as f64 - 1.0)).sqrt();
            if kept.len() < 2 { rhythm } else { Rhythm { deviation: deviation.max(least.as_secs_f64()), ..rhythm } }
        };
        Variance "the variance in place of the deviation": rhythm(kept, first, least) {
            let rhythm = learnt(kept, first, least);
            if kept.is_empty() { rhythm } else {
                Rhythm { deviation: (squares(kept) / kept.len() as f64).max(least.as_secs_f64()), ..rhythm }
            }
        };
        NoFloor "no least deviation": rhythm(kept, first, least) {
            let _ = least;
            learnt(kept, first, Duration::from_nanos(1))
        };
        FloorAtFirst "a least deviation only at first": rhythm(kept, first, least) {
            learnt(kept, first, if kept.is_empty() { least } else { Duration::ZERO })
        };
        FloorLater "no least deviation at first": rhythm(kept, first, least) {
            learnt(kept, first, if kept.is_empty() { Duration::ZERO } else { least })
        };
        FloorOnly "always the least deviation": rhythm(kept, first, least) {
            Rhythm { deviation: least.as_secs_f64(), ..learnt(kept, first, least) }
        };
        FirstCounts "the first interval counts for ever": rhythm(kept, first, least) learnt(&[kept, &[first]].concat(), first, least);
        LatestOnly "the latest interval is the mean": rhythm(kept, first, least) {
            Rhythm { mean: kept.last().unwrap_or(&first).as_secs_f64(), ..learnt(kept, first, least) }
        };
        Millis "milliseconds": rhythm(kept, first, least) {
            let Rhythm { mean, deviation } = learnt(kept, first, least);
            Rhythm { mean: mean * 1e3, deviation: deviation * 1e3 }
        };
        NotANumber "not a number until there is an interval": rhythm(kept, first, least) {
            let _ = first;
            let deviation = (squares(kept) / kept.len() as f64).sqrt();
            Rhythm { mean: mean_of(kept), deviation: deviation.max(least.as_secs_f64()) }
        };

        Natural "the natural logarithm": phi(silence, rhythm) (1.0 + e(y(silence, rhythm))).ln();
        Probability "the probability itself": phi(silence, rhythm) 1.0 - 1.0 / (1.0 + e(y(silence, rhythm)));
        Sign "the sign is not turned": phi(silence, rhythm) -level(silence, rhythm);
        Falling "the mean minus the silence": phi(silence, rhythm) (1.0 + e(-y(silence, rhythm))).log10();
        Linear "deviations above the mean": phi(silence, rhythm) y(silence, rhythm).max(0.0);
        Absolute "a short silence is like a long one": phi(silence, rhythm) (1.0 + e(y(silence, rhythm).abs())).log10();
        NoDeviation "the deviation is left out": phi(silence, rhythm) {
            (1.0 + e((silence.as_secs_f64() - rhythm.mean) / rhythm.mean)).log10()
        };
        NoCube "without the third power": phi(silence, rhythm) (1.0 + (1.5976 * y(silence, rhythm)).exp()).log10();
        Exponential "the exponential distribution": phi(silence, rhythm) silence.as_secs_f64() / rhythm.mean * std::f64::consts::LOG10_E;
        NaNBelow "not a number after a long silence": phi(silence, rhythm) {
            let e = e(y(silence, rhythm));
            -(1.0 - e / (1.0 + e)).log10()
        };
        Zero "never suspicious": phi(silence, rhythm) { let _ = (silence, rhythm); 0.0 };
        Infinite "always suspicious": phi(silence, rhythm) { let _ = (silence, rhythm); f64::INFINITY };

        AtThreshold "at the threshold": suspects(phi, threshold) phi.is_none_or(|phi| phi >= threshold);
        Below "below the threshold": suspects(phi, threshold) phi.is_none_or(|phi| phi < threshold);
        Trusting "a node that was never heard is trusted": suspects(phi, threshold) phi.is_some_and(|phi| phi > threshold);
        Usual "always a threshold of 8": suspects(phi, threshold) { let _ = threshold; above(phi, 8.0) };
        Never "never": suspects(phi, threshold) { let _ = (phi, threshold); false };
        Always "always": suspects(phi, threshold) { let _ = (phi, threshold); true };
    }
}

/// Wrong answers about hybrid clocks.
pub mod hybrid {
    use quorate_exercises::hybrid::*;
    use quorate_exercises::prelude::*;

    use crate::mistake::{Mistake, grade};

    fn own_event(own: HybridStamp, physical: Time) -> HybridStamp {
        if physical > own.l { HybridStamp { l: physical, c: 0 } } else { HybridStamp { c: own.c + 1, ..own } }
    }

    fn arrival(own: HybridStamp, carried: HybridStamp, physical: Time) -> HybridStamp {
        own_event(own.max(carried), physical)
    }

    /// Hybrid clocks, by their stamps of an event and of an arrival.
    macro_rules! clocks {
        ($($name:ident $what:literal: |$own:ident, $now:ident| $event:expr, |$mine:ident, $carried:ident, $physical:ident| $read:expr;)+) => {
            $(
                struct $name;

                impl Hybrid for $name {
                    fn event($own: HybridStamp, $now: Time) -> HybridStamp {
                        $event
                    }

                    fn receive($mine: HybridStamp, $carried: HybridStamp, $physical: Time) -> HybridStamp {
                        $read
                    }
                }
            )+

            /// All mistakes of this list.
            pub const ALL: &[Mistake] = &[$(Mistake {
                exercise: "time-hybrid",
                what: $what,
                grade: |fresh| grade("time-hybrid", &hybrid_clock::<$name>(), fresh),
            }),+];
        };
    }

    clocks! {
        Physical "the physical clock alone": |_own, now| HybridStamp { l: now, c: 0 }, |_own, _carried, now| HybridStamp { l: now, c: 0 };
        Lamport "no physical clock": |own, _now| HybridStamp { c: own.c + 1, ..own },
            |own, carried, _now| { let latest = own.max(carried); HybridStamp { c: latest.c + 1, ..latest } };
        NeverReset "the count is never reset": |own, now| HybridStamp { l: own.l.max(now), c: own.c + 1 },
            |own, carried, now| HybridStamp { l: own.l.max(carried.l).max(now), c: own.c.max(carried.c) + 1 };
        FromOne "the count begins at 1": |own, now| if now > own.l { HybridStamp { l: now, c: 1 } } else { own_event(own, now) },
            |own, carried, now| arrival(own, carried, now);
        EqualResets "an equal physical time resets the count": |own, now| if now >= own.l { HybridStamp { l: now, c: 0 } } else { own_event(own, now) },
            |own, carried, now| arrival(own, carried, now);
        EqualArrivalResets "an equal physical time resets the count of an arrival": |own, now| own_event(own, now),
            |own, carried, now| if now >= own.l.max(carried.l) { HybridStamp { l: now, c: 0 } } else { arrival(own, carried, now) };
        JumpsBack "it follows a clock that jumps back": |own, now| if now == own.l { own_event(own, now) } else { HybridStamp { l: now, c: 0 } },
            |own, carried, now| arrival(own, carried, now);
        Deaf "the message's stamp is not read": |own, now| own_event(own, now), |own, _carried, now| own_event(own, now);
        Obedient "the own stamp is forgotten": |own, now| own_event(own, now), |_own, carried, now| own_event(carried, now);
        NoClock "the physical clock is not read at an arrival": |own, now| own_event(own, now),
            |own, carried, _now| arrival(own, carried, Time::ZERO);
        OwnCount "with equal times the own count": |own, now| own_event(own, now), |own, carried, now| {
            let stamp = arrival(own, carried, now);
            if stamp.l == own.l { HybridStamp { c: own.c + 1, ..stamp } } else { stamp }
        };
        CarriedCount "with equal times the message's count": |own, now| own_event(own, now), |own, carried, now| {
            let stamp = arrival(own, carried, now);
            if stamp.l == carried.l { HybridStamp { c: carried.c + 1, ..stamp } } else { stamp }
        };
        LargestCount "the larger count, of whichever time": |own, now| own_event(own, now), |own, carried, now| {
            let stamp = arrival(own, carried, now);
            if stamp.c > 0 { HybridStamp { c: own.c.max(carried.c) + 1, ..stamp } } else { stamp }
        };
        SentEarlier "an arrival has the stamp of the sending": |own, now| own_event(own, now), |own, carried, now| {
            let stamp = arrival(own, carried, now);
            if stamp.l == carried.l && carried.l > own.l { carried } else { stamp }
        };
        Minimum "the earlier of both stamps": |own, now| own_event(own, now), |own, carried, now| own_event(own.min(carried), now);
        Fast "always one more": |own, now| HybridStamp { l: own.l.max(now) + Duration::from_nanos(1), c: 0 },
            |own, carried, now| HybridStamp { l: own.l.max(carried.l).max(now) + Duration::from_nanos(1), c: 0 };
        Still "the last stamp again": |own, now| if now > own.l { own_event(own, now) } else { own }, |own, carried, now| arrival(own, carried, now);
    }
}
