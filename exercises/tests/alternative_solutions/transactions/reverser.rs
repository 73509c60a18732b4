//! Alternative local transactions: the other order within one write.

use quorate_exercises::outbox::*;
use quorate_exercises::prelude::*;

fn places(order: TableChange, message: TableChange) -> Vec<Vec<TableChange>> {
    vec![vec![message, order]]
}

fn books(change: TableChange, id: TableChange) -> Vec<Vec<TableChange>> {
    let mut write = vec![id];
    write.push(change);
    vec![write]
}

hand_in!("txn-one-write", Rulebook { places, books });
