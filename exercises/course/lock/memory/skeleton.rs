//! The memory of an instance. Read `quorate learn show lock-memory` first.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Redlock, crash recovery and fsync: whether keys are on disk before they are acknowledged.
fn keeps_keys(persistence: Persistence) -> bool {
    unfinished!(persistence)
}

/// Redlock, delayed restarts: until when an instance that starts again takes no part.
fn away_until(started: Time, delay: Duration) -> Time {
    unfinished!(started, delay)
}

/// The time by which an instance counts times to live.
fn expiry_clock(setting: ExpiryClock, now: LocalTime) -> Time {
    unfinished!(setting, now)
}

hand_in!("lock-memory", Rulebook { keeps_keys, away_until, expiry_clock });
