//! Delete a key if it is one's own.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Redis SET.
fn value(recipe: Recipe, attempt: AttemptId) -> LockValue {
    if unlocks_by_value(recipe) { LockValue::Unique(attempt) } else { LockValue::Fixed }
}

/// Redis SET.
fn unlocks_by_value(recipe: Recipe) -> bool {
    matches!(recipe, Recipe::SetNxPx | Recipe::Redlock)
}

/// Redis SET.
fn deletes(stored: LockValue, asked: LockValue) -> Ruling<LockRule> {
    if asked == stored { Allow(LockRule::CompareAndDelete) } else { Refuse(LockRule::KeepOthersKey) }
}

hand_in!("lock-delete", Rulebook { value, unlocks_by_value, deletes });
