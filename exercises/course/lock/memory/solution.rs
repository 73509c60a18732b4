//! The memory of an instance.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Redlock, crash recovery and fsync.
fn keeps_keys(persistence: Persistence) -> bool {
    persistence == Persistence::Always
}

/// Redlock, delayed restarts.
fn away_until(started: Time, delay: Duration) -> Time {
    started + delay
}

/// The clock that the setting names.
fn expiry_clock(setting: ExpiryClock, now: LocalTime) -> Time {
    match setting {
        ExpiryClock::Monotonic => now.monotonic,
        ExpiryClock::Wall => now.wall,
    }
}

hand_in!("lock-memory", Rulebook { keeps_keys, away_until, expiry_clock });
