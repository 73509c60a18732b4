//! Who gets it? Read `quorate learn show lease-grant` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §2, §3: is a grant over, for its granter?
fn has_ended(expires: Time, now: Time) -> bool {
    unfinished!(expires, now)
}

/// Chubby §2.4: how long a lease stays vacant that ended without being given back.
fn lock_delay(configured: Duration) -> Duration {
    unfinished!(configured)
}

/// Leases §2: what is the answer to the node `asks`?
fn grants(standing: Standing, asks: NodeId) -> Ruling<SingleRule> {
    unfinished!(standing, asks)
}

hand_in!("lease-grant", Rulebook { has_ended, lock_delay, grants });
