//! Readings that know their error. Read
//! `quorate learn show time-interval` first.

use quorate_exercises::prelude::*;
use quorate_exercises::true_time::*;

/// Corbett 2012 §3: the reading when the answer of a master arrives.
fn on_arrival(told: Interval, round_trip: Duration, drift: Drift) -> Interval {
    unfinished!(told, round_trip, drift)
}

/// Corbett 2012 §3: a reading, so much time of the own clock later.
fn aged(reading: Interval, passed: Duration, drift: Drift) -> Interval {
    unfinished!(reading, passed, drift)
}

/// Corbett 2012 §3: whether the own clock has kept its bound.
fn keeps_bound(predicted: Interval, measured: Interval) -> Ruling<TrueTimeRule> {
    unfinished!(predicted, measured)
}

/// Corbett 2012 §5.3: whether a reading of this error serves.
fn serves(error: Duration, max_error: Duration) -> Ruling<TrueTimeRule> {
    unfinished!(error, max_error)
}

hand_in!("time-interval", Rulebook { on_arrival, aged, keeps_bound, serves });
