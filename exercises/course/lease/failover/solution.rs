//! A new leader and old leases.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Chubby §2.9.
fn leader_counts_from(began_to_lead: Time, applied: Time) -> Time {
    // What it applied as a follower it cannot rely on: a later renewal may have died with the leader before.
    if applied < began_to_lead { began_to_lead } else { applied }
}

hand_in!("lease-failover", Rulebook { leader_counts_from });
