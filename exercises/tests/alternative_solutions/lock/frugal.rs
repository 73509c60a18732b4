//! Alternative clearing: leaves out the instances that have refused, which have nothing of it.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

fn quorum(instances: usize) -> usize {
    (instances + 2) / 2
}

fn counts_answer(current: AttemptId, of: AttemptId) -> bool {
    of.owner == current.owner && of.number == current.number
}

fn clears(recipe: Recipe, answered: Option<bool>) -> bool {
    recipe.is_unique() && answered.unwrap_or(true)
}

hand_in!("lock-majority", Rulebook { quorum, counts_answer, clears });
