//! The guard of a resource. Read `quorate learn show lock-guard` first.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Distributed locking: whether the resource accepts a write that shows this token.
fn admits(highest: Option<Token>, shown: Option<Token>) -> Ruling<LockRule> {
    unfinished!(highest, shown)
}

/// Distributed locking: whether the highest token seen is on disk.
fn keeps_highest() -> bool {
    unfinished!()
}

/// Is Redlock safe?: whether the resource accepts a write of this writer.
fn is_current(currlock: Option<AttemptId>, writer: AttemptId) -> Ruling<LockRule> {
    unfinished!(currlock, writer)
}

hand_in!("lock-guard", Rulebook { admits, keeps_highest, is_current });
