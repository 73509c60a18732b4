//! Granting a lease.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §5.
fn granted_at(_written: Time, read: Time) -> Time {
    read
}

/// Leases §2.
fn binds_for(granted: Duration, _own: Duration) -> Duration {
    granted
}

/// Leases §2, §3.
fn has_ended(expires: Time, now: Time) -> bool {
    expires < now
}

/// Chubby §2.4.
fn lock_delay(configured: Duration) -> Duration {
    configured
}

/// Leases §2.
fn grants(standing: LeaseState, asks: NodeId) -> Ruling<SingleRule> {
    let is_holder = standing.holder == Some(asks);
    let binds = standing.holder.is_some() && !standing.ended;
    if standing.quarantined {
        Refuse(SingleRule::WaitOut)
    } else if binds && is_holder {
        Allow(SingleRule::RenewPrimary)
    } else if binds {
        Refuse(SingleRule::HeldByOther)
    } else if standing.delayed && !is_holder {
        Refuse(SingleRule::LockDelay)
    } else if standing.turn == Some(asks) {
        Allow(SingleRule::GrantPrimary)
    } else {
        Refuse(SingleRule::NotYourTurn)
    }
}

hand_in!("lease-grant", Rulebook { granted_at, binds_for, has_ended, lock_delay, grants });
