//! Alternative drift margin: accounts for one clock after the other, and rounds down both times.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

const ONE: u128 = 1_000_000;

fn holder_term(terms: &Terms) -> Duration {
    let ppm = u128::from(terms.drift().ppm());
    let if_the_granter_is_fast = terms.granter().as_nanos() * ONE / (ONE + ppm);
    let if_i_am_slow = if_the_granter_is_fast * (ONE - ppm) / ONE;
    Duration::from_nanos(if_i_am_slow as u64)
}

hand_in!("lease-drift", Rulebook { holder_term });
