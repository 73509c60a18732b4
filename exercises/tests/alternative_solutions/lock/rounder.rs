//! Alternative margin for drift: accounts for one clock after the other, and rounds down twice.

use quorate_exercises::coordination::*;
use quorate_exercises::prelude::*;

const ONE: u128 = 1_000_000;

fn client_term(terms: &Terms) -> Duration {
    let ppm = u128::from(terms.drift().ppm());
    let if_the_service_is_fast = terms.granter().as_nanos() * ONE / (ONE + ppm);
    Duration::from_nanos((if_the_service_is_fast * (ONE - ppm) / ONE) as u64)
}

fn may_act(belief: Belief, until: Time, now: Time) -> Ruling<LockRule> {
    let is_over = belief == Belief::OwnClock && until <= now;
    if is_over { Refuse(LockRule::LockOver) } else { Allow(LockRule::ActInTime) }
}

hand_in!(
    "lock-belief",
    Rulebook { counts_from: |sent, answered| sent.min(answered), client_term, may_act, loses_when_told: || true }
);
