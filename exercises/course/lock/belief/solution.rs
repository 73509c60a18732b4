//! The belief of a client in its lock.

use quorate_exercises::coordination::*;
use quorate_exercises::prelude::*;

/// ZooKeeper §4.4; Leases §3.
fn counts_from(sent: Time, _answered: Time) -> Time {
    sent
}

/// Leases §5.
fn client_term(terms: &Terms) -> Duration {
    let one = 1_000_000;
    let rho = u128::from(terms.drift().ppm());
    let nanos = terms.granter().as_nanos() * (one - rho) / (one + rho);
    Duration::from_nanos(nanos as u64)
}

/// Chubby §2.8.
fn may_act(belief: Belief, until: Time, now: Time) -> Ruling<LockRule> {
    match belief {
        Belief::OwnClock if now >= until => Refuse(LockRule::LockOver),
        Belief::OwnClock | Belief::UntilTold => Allow(LockRule::ActInTime),
    }
}

/// ZooKeeper §4.4.
fn loses_when_told() -> bool {
    true
}

hand_in!("lock-belief", Rulebook { counts_from, client_term, may_act, loses_when_told });
