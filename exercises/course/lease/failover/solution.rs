//! Leases after a fail-over to a new leader.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Chubby §2.9.
fn leader_counts_from(began_to_lead: Time, applied: Time) -> Time {
    // The times at which it applied entries as a follower are unreliable: a later renewal may have
    // been lost with the previous leader.
    if applied < began_to_lead { began_to_lead } else { applied }
}

hand_in!("lease-failover", Rulebook { leader_counts_from });
