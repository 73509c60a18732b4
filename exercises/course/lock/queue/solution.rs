//! The queue of a lock.

use quorate_exercises::coordination::*;
use quorate_exercises::prelude::*;

/// ZooKeeper §2.4.
fn blocks(mine: LockMode, other: LockMode) -> bool {
    (mine, other) != (LockMode::Shared, LockMode::Shared)
}

/// ZooKeeper §2.4; etcd.
fn place(recipe: Recipe, child: &Child) -> Place {
    match child.sequence {
        Some(number) if recipe == Recipe::Sequential => Place(number),
        _ => Place(child.created.0),
    }
}

/// Distributed locking.
fn token(created: Zxid) -> Token {
    Token(created.0)
}

hand_in!("lock-queue", Rulebook { blocks, place, token });
