//! Local transactions.

use quorate_exercises::outbox::*;
use quorate_exercises::prelude::*;

/// Pritchett 2008.
fn places(order: TableChange, message: TableChange) -> Vec<Vec<TableChange>> {
    vec![vec![order, message]]
}

/// Pritchett 2008.
fn books(change: TableChange, id: TableChange) -> Vec<Vec<TableChange>> {
    vec![vec![change, id]]
}

hand_in!("txn-one-write", Rulebook { places, books });
