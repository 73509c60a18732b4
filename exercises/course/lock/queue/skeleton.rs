//! The queue of a lock. Read `quorate learn show lock-queue` first.

use quorate_exercises::coordination::*;
use quorate_exercises::prelude::*;

/// ZooKeeper §2.4: whether a node ahead keeps one's own from having the lock.
fn blocks(mine: LockMode, other: LockMode) -> bool {
    unfinished!(mine, other)
}

/// ZooKeeper §2.4; etcd: the place of a node in the queue.
fn place(recipe: Recipe, child: &Child) -> Place {
    unfinished!(recipe, child)
}

/// Distributed locking: the fencing token of the lock whose node was created by this change.
fn token(created: Zxid) -> Token {
    unfinished!(created)
}

hand_in!("lock-queue", Rulebook { blocks, place, token });
