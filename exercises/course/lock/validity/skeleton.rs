//! The validity of a lock. Read `quorate learn show lock-validity` first.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Redlock, steps 1 and 3: the time from which a client counts the time to live.
fn counts_from(begun: Time, answered: Time) -> Time {
    unfinished!(begun, answered)
}

/// Redlock, step 3: whether the lock is taken.
fn takes(until: Option<Time>, now: Time) -> Ruling<LockRule> {
    unfinished!(until, now)
}

/// Redlock, step 4: whether a client that holds the lock may act.
fn may_act(until: Option<Time>, now: Time) -> Ruling<LockRule> {
    unfinished!(until, now)
}

hand_in!("lock-validity", Rulebook { counts_from, takes, may_act });
