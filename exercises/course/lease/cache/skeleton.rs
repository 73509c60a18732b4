//! Leases on data. Read `quorate learn show lease-cache` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §2, §5: may a datum change, on which so many leases still run?
fn may_write(holders_left: usize, quarantined: bool) -> Ruling<CacheRule> {
    unfinished!(holders_left, quarantined)
}

/// Leases §2: is a datum lent, for which a write waits or does not?
fn lends(write_waits: bool) -> Ruling<CacheRule> {
    unfinished!(write_waits)
}

hand_in!("lease-cache", Rulebook { may_write, lends });
