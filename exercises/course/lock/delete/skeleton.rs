//! Delete a key if it is one's own. Read `quorate learn show lock-delete` first.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Redis SET: the value that this attempt sets.
fn value(recipe: Recipe, attempt: AttemptId) -> LockValue {
    unfinished!(recipe, attempt)
}

/// Redis SET: whether an unlock compares the value before it deletes.
fn unlocks_by_value(recipe: Recipe) -> bool {
    unfinished!(recipe)
}

/// Redis SET: whether the server deletes a key with the value `stored` for a caller that has set
/// `asked`.
fn deletes(stored: LockValue, asked: LockValue) -> Ruling<LockRule> {
    unfinished!(stored, asked)
}

hand_in!("lock-delete", Rulebook { value, unlocks_by_value, deletes });
