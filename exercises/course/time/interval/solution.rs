//! Readings that know their error.

use quorate_exercises::prelude::*;
use quorate_exercises::true_time::*;

/// Corbett 2012 §3.
fn on_arrival(told: Interval, round_trip: Duration, drift: Drift) -> Interval {
    let [_, longest] = true_time(round_trip, drift);
    Interval { latest: told.latest + longest, ..told }
}

/// Corbett 2012 §3.
fn aged(reading: Interval, passed: Duration, drift: Drift) -> Interval {
    let [shortest, longest] = true_time(passed, drift);
    Interval { earliest: reading.earliest + shortest, latest: reading.latest + longest }
}

/// Corbett 2012 §3.
fn keeps_bound(predicted: Interval, measured: Interval) -> Ruling<TrueTimeRule> {
    let is_apart = predicted.latest < measured.earliest || measured.latest < predicted.earliest;
    if is_apart { Refuse(TrueTimeRule::LeaveCluster) } else { Allow(TrueTimeRule::Synchronise) }
}

/// Corbett 2012 §5.3.
fn serves(error: Duration, max_error: Duration) -> Ruling<TrueTimeRule> {
    if error <= max_error { Allow(TrueTimeRule::ReadTime) } else { Refuse(TrueTimeRule::ErrorTooLarge) }
}

/// The least and the most true time that passes while the clock shows this span.
fn true_time(shown: Duration, drift: Drift) -> [Duration; 2] {
    let million = 1_000_000_u128;
    let (rho, scaled) = (u128::from(drift.get()), shown.as_nanos() * million);
    let span = |nanos: u128| Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
    [span(scaled / (million + rho)), span(scaled.div_ceil(million - rho))]
}

hand_in!("time-interval", Rulebook { on_arrival, aged, keeps_bound, serves });
