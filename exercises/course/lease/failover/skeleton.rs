//! Leases after a fail-over to a new leader. Read `quorate learn show lease-failover` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Chubby §2.9: the time from which a leader counts the term of a lease.
fn leader_counts_from(began_to_lead: Time, applied: Time) -> Time {
    unfinished!(began_to_lead, applied)
}

hand_in!("lease-failover", Rulebook { leader_counts_from });
