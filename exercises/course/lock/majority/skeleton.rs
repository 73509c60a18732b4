//! Redlock's majority. Read `quorate learn show lock-majority` first.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Redlock, step 2: the number of instances that is enough.
fn quorum(instances: usize) -> usize {
    unfinished!(instances)
}

/// Redlock, step 2: whether an answer to the attempt `of` counts.
fn counts_answer(current: AttemptId, of: AttemptId) -> bool {
    unfinished!(current, of)
}

/// Redlock, step 5: whether a failed attempt clears an instance that has answered so.
fn clears(recipe: Recipe, answered: Option<bool>) -> bool {
    unfinished!(recipe, answered)
}

hand_in!("lock-majority", Rulebook { quorum, counts_answer, clears });
