//! When to let go of a message.

use quorate_exercises::outbox::*;
use quorate_exercises::prelude::*;

/// Pritchett 2008.
fn deletes_unconfirmed() -> bool {
    false
}

/// Pritchett 2008.
fn deletes(confirmed: u64, table: &[u64]) -> Vec<u64> {
    table.iter().copied().filter(|id| *id == confirmed).collect()
}

/// Gray 1978 §5.
fn writes_queue() -> bool {
    true
}

/// Helland 2007 §5.
fn removes_unacknowledged() -> bool {
    false
}

/// Helland 2007 §5.
fn acknowledges_unhandled() -> bool {
    false
}

hand_in!(
    "txn-let-go",
    Rulebook { deletes_unconfirmed, deletes, writes_queue, removes_unacknowledged, acknowledges_unhandled }
);
