//! Releasing a lease.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §4.
fn releases(granted: Token, renewed_for: Time, named: Token, sent: Time) -> Ruling<SingleRule> {
    let of_another_grant = named != granted;
    let taken_back = sent <= renewed_for;
    if of_another_grant || taken_back { Refuse(SingleRule::RefuseRelease) } else { Allow(SingleRule::TakeRelease) }
}

hand_in!("lease-release", Rulebook { releases });
