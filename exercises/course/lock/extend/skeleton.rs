//! Extend a lock while it is one's own. Read `quorate learn show lock-extend` first.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Redlock, extending the lock: whether an extension compares the value.
fn extends_by_value() -> bool {
    unfinished!()
}

/// Redlock, extending the lock: whether the server extends a key with the value `stored` for a
/// caller that has set `asked`.
fn extends(stored: LockValue, asked: LockValue) -> Ruling<LockRule> {
    unfinished!(stored, asked)
}

/// Redlock, extending the lock: whether a lock that was to end at `valid_until` lasts until
/// `until`.
fn prolongs(valid_until: Option<Time>, until: Time, now: Time) -> Ruling<LockRule> {
    unfinished!(valid_until, until, now)
}

hand_in!("lock-extend", Rulebook { extends_by_value, extends, prolongs });
