//! Oral messages among generals, some of them traitors. Read `quorate learn show liar-orders` first.

use quorate_exercises::generals::*;
use quorate_exercises::prelude::*;

/// Generals §3, OM(m) step 2: whether an order that has had so many senders is sent on.
fn relays(senders: usize, m: usize) -> Ruling<GeneralsRule> {
    unfinished!(senders, m)
}

/// Generals §3, A2: whether a message counts as one of its last sender.
fn knows_sender(from: NodeId, last: NodeId) -> bool {
    unfinished!(from, last)
}

/// Generals §3, OM(m) step 1: the order that counts if none came.
fn absent() -> Order {
    unfinished!()
}

/// Generals §3, OM(m) step 3: the order that follows from these.
fn majority(got: &[Order]) -> Order {
    unfinished!(got)
}

hand_in!("liar-orders", Rulebook { relays, knows_sender, absent, majority });
