//! Set a key if it is absent. Read `quorate learn show lock-set` first.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Redis SETNX, Redis SET: whether the server sets a key that has the value `stored`.
fn sets(stored: Option<LockValue>) -> Ruling<LockRule> {
    unfinished!(stored)
}

/// Redis EXPIRE: whether a key whose time to live ends at `expires` is gone.
fn is_expired(expires: Option<Time>, now: Time) -> bool {
    unfinished!(expires, now)
}

hand_in!("lock-set", Rulebook { sets, is_expired });
