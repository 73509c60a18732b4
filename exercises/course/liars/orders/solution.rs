//! Oral messages among generals, some of them traitors.

use quorate_exercises::generals::*;
use quorate_exercises::prelude::*;

/// Generals §3, OM(m) step 2.
fn relays(senders: usize, m: usize) -> Ruling<GeneralsRule> {
    if senders <= m { Allow(GeneralsRule::Relay) } else { Refuse(GeneralsRule::KeepOrder) }
}

/// Generals §3, A2.
fn knows_sender(from: NodeId, last: NodeId) -> bool {
    from == last
}

/// Generals §3, OM(m) step 1.
fn absent() -> Order {
    Order::Retreat
}

/// Generals §3, OM(m) step 3.
fn majority(got: &[Order]) -> Order {
    let attacks = got.iter().filter(|order| **order == Order::Attack).count();
    if 2 * attacks > got.len() { Order::Attack } else { Order::Retreat }
}

hand_in!("liar-orders", Rulebook { relays, knows_sender, absent, majority });
