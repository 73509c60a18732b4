//! Releasing a lease. Read `quorate learn show lease-release` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §4: whether a release frees the lease.
///
/// `granted` is the newest grant, last renewed for a request that its holder sent at `renewed_for`.
/// The release names the grant `named` and was sent at `sent`.
fn releases(granted: Token, renewed_for: Time, named: Token, sent: Time) -> Ruling<SingleRule> {
    unfinished!(granted, renewed_for, named, sent)
}

hand_in!("lease-release", Rulebook { releases });
