//! Extend a lock while it is one's own.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Redlock, extending the lock.
fn extends_by_value() -> bool {
    true
}

/// Redlock, extending the lock.
fn extends(stored: LockValue, asked: LockValue) -> Ruling<LockRule> {
    if stored == asked { Allow(LockRule::CompareAndExtend) } else { Refuse(LockRule::KeepOthersExpiry) }
}

/// Redlock, extending the lock.
fn prolongs(valid_until: Option<Time>, until: Time, now: Time) -> Ruling<LockRule> {
    let own_until_now = valid_until.is_none_or(|old| now < old);
    if own_until_now && now < until { Allow(LockRule::ExtendLock) } else { Refuse(LockRule::NotExtended) }
}

hand_in!("lock-extend", Rulebook { extends_by_value, extends, prolongs });
