//! The stamp of a transaction, and the wait until it has passed. Read
//! `quorate learn show time-commit-wait` first.

use quorate_exercises::prelude::*;
use quorate_exercises::true_time::*;

/// Corbett 2012 §4.1.2: the stamp of a transaction that begins to commit now.
fn stamp(now: Interval, last: Option<Time>) -> Time {
    unfinished!(now, last)
}

/// Corbett 2012 §4.1.2: whether a transaction with this stamp may be seen.
fn commit_wait(now: Interval, stamp: Time) -> Ruling<TrueTimeRule> {
    unfinished!(now, stamp)
}

hand_in!("time-commit-wait", Rulebook { stamp, commit_wait });
