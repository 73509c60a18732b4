//! Messages and requests that are new. Read `quorate learn show txn-handled-once` first.

use quorate_exercises::outbox::*;
use quorate_exercises::prelude::*;

/// Helland 2007 §5: whether the receiver handles a message whose id is `known` or not.
fn handles(known: bool) -> Ruling<OutboxRule> {
    unfinished!(known)
}

/// Helland 2007 §5: whether an id is kept after so many newer messages.
fn keeps_id(newer: usize) -> bool {
    unfinished!(newer)
}

/// RIFL §3: whether a request places an order, of a client whose newest request that did is `last`.
fn begins(last: Option<u64>, number: u64) -> Ruling<OutboxRule> {
    unfinished!(last, number)
}

hand_in!("txn-handled-once", Rulebook { handles, keeps_id, begins });
