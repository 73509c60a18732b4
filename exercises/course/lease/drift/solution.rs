//! The margin for clock drift.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §3, §5.
fn holder_term(terms: &Terms) -> Duration {
    let one = 1_000_000;
    let rho = u128::from(terms.drift().ppm());
    let nanos = terms.granter().as_nanos() * (one - rho) / (one + rho);
    Duration::from_nanos(nanos as u64)
}

hand_in!("lease-drift", Rulebook { holder_term });
