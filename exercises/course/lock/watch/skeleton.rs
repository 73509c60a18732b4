//! Waiting for a lock. Read `quorate learn show lock-watch` first.

use quorate_exercises::coordination::*;
use quorate_exercises::prelude::*;

/// ZooKeeper §2.4: whether a waiting client watches all that want the lock.
fn watches_all(recipe: Recipe) -> bool {
    unfinished!(recipe)
}

/// ZooKeeper §2.4, line 5: whether a client looks again when the node that it wants to watch is
/// gone.
fn checks_again() -> bool {
    unfinished!()
}

/// ZooKeeper §2.4, line 6: what a notification means.
fn on_wake() -> OnWake {
    unfinished!()
}

/// ZooKeeper §2.4: whether a client that gives up deletes its node.
fn leaves_queue() -> bool {
    unfinished!()
}

hand_in!("lock-watch", Rulebook { watches_all, checks_again, on_wake, leaves_queue });
