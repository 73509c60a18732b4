//! The stamp of a transaction, and the wait until it has passed.

use quorate_exercises::prelude::*;
use quorate_exercises::true_time::*;

/// Corbett 2012 §4.1.2.
fn stamp(now: Interval, last: Option<Time>) -> Time {
    last.map_or(now.latest, |last| now.latest.max(last + Duration::from_nanos(1)))
}

/// Corbett 2012 §4.1.2.
fn commit_wait(now: Interval, stamp: Time) -> Ruling<TrueTimeRule> {
    if now.earliest > stamp { Allow(TrueTimeRule::Commit) } else { Refuse(TrueTimeRule::CommitWait) }
}

hand_in!("time-commit-wait", Rulebook { stamp, commit_wait });
