//! Waiting for a lock.

use quorate_exercises::coordination::*;
use quorate_exercises::prelude::*;

/// ZooKeeper §2.4: the one ahead is enough.
fn watches_all(_recipe: Recipe) -> bool {
    false
}

/// ZooKeeper §2.4, line 5.
fn checks_again() -> bool {
    true
}

/// ZooKeeper §2.4, line 6.
fn on_wake() -> OnWake {
    OnWake::LookAgain
}

/// ZooKeeper §2.4.
fn leaves_queue() -> bool {
    true
}

hand_in!("lock-watch", Rulebook { watches_all, checks_again, on_wake, leaves_queue });
