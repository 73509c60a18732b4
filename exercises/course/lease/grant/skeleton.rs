//! Granting a lease. Read `quorate learn show lease-grant` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §5: the start of a grant whose request was `written` then, by its sender's clock, and is
/// `read` now.
fn granted_at(written: Time, read: Time) -> Time {
    unfinished!(written, read)
}

/// Leases §2: the time for which a grant of the term `granted` binds a granter that is configured
/// for its `own`.
fn binds_for(granted: Duration, own: Duration) -> Duration {
    unfinished!(granted, own)
}

/// Leases §2, §3: whether a grant has ended for its granter.
fn has_ended(expires: Time, now: Time) -> bool {
    unfinished!(expires, now)
}

/// Chubby §2.4: the time for which a lease stays vacant after it ended without a release.
fn lock_delay(configured: Duration) -> Duration {
    unfinished!(configured)
}

/// Leases §2: the answer to the request of the node `asks`.
fn grants(standing: LeaseState, asks: NodeId) -> Ruling<SingleRule> {
    unfinished!(standing, asks)
}

hand_in!("lease-grant", Rulebook { granted_at, binds_for, has_ended, lock_delay, grants });
