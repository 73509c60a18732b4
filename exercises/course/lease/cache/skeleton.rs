//! Cache leases. Read `quorate learn show lease-cache` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §2, §5: whether a datum may change while `holders_left` leases on it still run.
fn may_write(holders_left: usize, quarantined: bool) -> Ruling<CacheRule> {
    unfinished!(holders_left, quarantined)
}

/// Leases §2: whether a lease on a datum is granted. `write_waits` says whether a write waits for
/// it.
fn lends(write_waits: bool) -> Ruling<CacheRule> {
    unfinished!(write_waits)
}

hand_in!("lease-cache", Rulebook { may_write, lends });
