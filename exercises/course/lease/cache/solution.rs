//! Cache leases.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §2, §5.
fn may_write(holders_left: usize, quarantined: bool) -> Ruling<CacheRule> {
    match (quarantined, holders_left) {
        (true, _) => Refuse(CacheRule::WaitForForgotten),
        (false, 0) => Allow(CacheRule::Write),
        (false, _) => Refuse(CacheRule::WaitForHolders),
    }
}

/// Leases §2.
fn lends(write_waits: bool) -> Ruling<CacheRule> {
    if write_waits { Refuse(CacheRule::TellOnly) } else { Allow(CacheRule::Lend) }
}

hand_in!("lease-cache", Rulebook { may_write, lends });
