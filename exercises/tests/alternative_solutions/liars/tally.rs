//! Oral messages, by a student who sorts the orders and takes the one in the middle.

use quorate_exercises::generals::*;
use quorate_exercises::prelude::*;

fn relays(senders: usize, m: usize) -> Ruling<GeneralsRule> {
    match m.checked_sub(senders) {
        Some(_) => Allow(GeneralsRule::Relay),
        None => Refuse(GeneralsRule::KeepOrder),
    }
}

fn majority(got: &[Order]) -> Order {
    let mut sorted = got.to_vec();
    sorted.sort_unstable();
    // Retreats come first, so of two in the middle it is the lower one.
    sorted.get(got.len().saturating_sub(1) / 2).copied().unwrap_or(absent())
}

fn absent() -> Order {
    Order::Retreat
}

hand_in!("liar-orders", Rulebook { relays, knows_sender: |from, last| from == last, absent, majority });
