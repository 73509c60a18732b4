//! A replicated fence.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Otherwise a late write may reach replicas that have not heard of the new holder.
fn marks_first() -> bool {
    true
}

/// A mark is a promise.
fn stores(mark: Option<Token>, token: Token) -> Ruling<StoreRule> {
    match mark {
        Some(mark) if mark > token => Refuse(StoreRule::RefusePut),
        Some(_) | None => Allow(StoreRule::StoreValue),
    }
}

hand_in!("lease-fenced-store", Rulebook { marks_first, stores });
