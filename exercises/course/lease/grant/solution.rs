//! Who gets it?

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §2, §3.
fn has_ended(expires: Time, now: Time) -> bool {
    expires < now
}

/// Chubby §2.4.
fn lock_delay(configured: Duration) -> Duration {
    configured
}

/// Leases §2.
fn grants(standing: Standing, asks: NodeId) -> Ruling<LeaseRule> {
    let is_holder = standing.holder == Some(asks);
    let binds = standing.holder.is_some() && !standing.ended;
    if standing.quarantined {
        Refuse(LeaseRule::WaitOut)
    } else if binds && is_holder {
        Allow(LeaseRule::RenewPrimary)
    } else if binds {
        Refuse(LeaseRule::HeldByOther)
    } else if standing.delayed && !is_holder {
        Refuse(LeaseRule::LockDelay)
    } else if standing.turn == Some(asks) {
        Allow(LeaseRule::GrantPrimary)
    } else {
        Refuse(LeaseRule::NotYourTurn)
    }
}

hand_in!("lease-grant", Rulebook { has_ended, lock_delay, grants });
