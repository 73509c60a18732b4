//! Redlock's majority.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Redlock, step 2.
fn quorum(instances: usize) -> usize {
    instances / 2 + 1
}

/// Redlock, step 2.
fn counts_answer(current: AttemptId, of: AttemptId) -> bool {
    current == of
}

/// Redlock, step 5.
fn clears(recipe: Recipe, _answered: Option<bool>) -> bool {
    matches!(recipe, Recipe::SetNxPx | Recipe::Redlock)
}

hand_in!("lock-majority", Rulebook { quorum, counts_answer, clears });
