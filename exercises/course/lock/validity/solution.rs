//! The validity of a lock.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Redlock, steps 1 and 3.
fn counts_from(begun: Time, _answered: Time) -> Time {
    begun
}

/// Redlock, step 3.
fn takes(until: Option<Time>, now: Time) -> Ruling<LockRule> {
    if is_left(until, now) { Allow(LockRule::TakeLock) } else { Refuse(LockRule::TooLate) }
}

/// Redlock, step 4.
fn may_act(until: Option<Time>, now: Time) -> Ruling<LockRule> {
    if is_left(until, now) { Allow(LockRule::ActInTime) } else { Refuse(LockRule::LockOver) }
}

/// Whether something is left of a validity that ends at `until`, if it ends.
fn is_left(until: Option<Time>, now: Time) -> bool {
    until.is_none_or(|until| now < until)
}

hand_in!("lock-validity", Rulebook { counts_from, takes, may_act });
