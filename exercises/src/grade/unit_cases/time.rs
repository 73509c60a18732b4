//! Unit cases for the decisions about clocks and channels.

mod channel;
mod snowflake;
mod true_time;

use quorate_protocol::{Duration, Time};

use super::UnitCases;
use super::values::Scale;

pub(in crate::grade) use channel::channel;
pub(in crate::grade) use snowflake::{snowflake, snowflake_standstills};
pub(in crate::grade) use true_time::{true_time, true_time_standstills};

/// Title of the cases that come before all runs.
const FIRST: &str = "whether time passes";

/// Five moments.
fn moments(scale: Scale) -> impl Iterator<Item = Time> + Clone {
    (1..=5).map(move |moment| Time::from_nanos(scale.at(moment)))
}

/// Spans of all sizes up to some hours.
fn spans(cases: &mut UnitCases) -> Vec<Duration> {
    let drawn = cases.drawn(10_000_000_000_000);
    [0, 1, 999, 1_000_000, 30_000_000_000].into_iter().chain(drawn).map(Duration::from_nanos).collect()
}
