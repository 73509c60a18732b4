//! Local transactions. Read `quorate learn show txn-one-write` first.

use quorate_exercises::outbox::*;
use quorate_exercises::prelude::*;

/// Pritchett 2008: the local transactions that write an order and its message.
fn places(order: TableChange, message: TableChange) -> Vec<Vec<TableChange>> {
    unfinished!(order, message)
}

/// Pritchett 2008: the local transactions that make a change and keep the message's id.
fn books(change: TableChange, id: TableChange) -> Vec<Vec<TableChange>> {
    unfinished!(change, id)
}

hand_in!("txn-one-write", Rulebook { places, books });
