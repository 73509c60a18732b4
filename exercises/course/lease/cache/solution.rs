//! Leases on data.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §2, §5.
fn may_write(holders_left: usize, quarantined: bool) -> Ruling<LeaseRule> {
    match (quarantined, holders_left) {
        (true, _) => Refuse(LeaseRule::WaitForForgotten),
        (false, 0) => Allow(LeaseRule::Write),
        (false, _) => Refuse(LeaseRule::WaitForHolders),
    }
}

/// Leases §2.
fn lends(write_waits: bool) -> Ruling<LeaseRule> {
    if write_waits { Refuse(LeaseRule::TellOnly) } else { Allow(LeaseRule::Lend) }
}

hand_in!("lease-cache", Rulebook { may_write, lends });
