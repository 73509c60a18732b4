//! Restart of the granter.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Leases §5.
fn quarantine(terms: &Terms) -> Duration {
    let one = 1_000_000;
    let rho = u128::from(terms.drift().ppm());
    let nanos = (terms.holder().as_nanos() * (one + rho)).div_ceil(one - rho);
    Duration::from_nanos(nanos as u64)
}

hand_in!("lease-restart", Rulebook { quarantine });
