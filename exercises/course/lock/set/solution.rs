//! Set a key if it is absent.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Redis SETNX, Redis SET.
fn sets(stored: Option<LockValue>) -> Ruling<LockRule> {
    if stored.is_none() { Allow(LockRule::SetIfAbsent) } else { Refuse(LockRule::KeyExists) }
}

/// Redis EXPIRE.
fn is_expired(expires: Option<Time>, now: Time) -> bool {
    match expires {
        Some(end) => end <= now,
        None => false,
    }
}

hand_in!("lock-set", Rulebook { sets, is_expired });
