//! When to let go of a message. Read `quorate learn show txn-let-go` first.

use quorate_exercises::outbox::*;
use quorate_exercises::prelude::*;

/// Pritchett 2008: whether the sender deletes a message when it is sent.
fn deletes_unconfirmed() -> bool {
    unfinished!()
}

/// Pritchett 2008: the ids that leave the `table` when `confirmed` is confirmed.
fn deletes(confirmed: u64, table: &[u64]) -> Vec<u64> {
    unfinished!(confirmed, table)
}

/// Gray 1978 §5: whether the broker has a message on disk when it confirms it.
fn writes_queue() -> bool {
    unfinished!()
}

/// Helland 2007 §5: whether the broker removes a message when it is delivered.
fn removes_unacknowledged() -> bool {
    unfinished!()
}

/// Helland 2007 §5: whether the receiver acknowledges a message when it arrives.
fn acknowledges_unhandled() -> bool {
    unfinished!()
}

hand_in!(
    "txn-let-go",
    Rulebook { deletes_unconfirmed, deletes, writes_queue, removes_unacknowledged, acknowledges_unhandled }
);
