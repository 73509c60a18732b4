//! A replicated fence. Read `quorate learn show lease-fenced-store` first.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// Whether a new holder marks a majority of the replicas before it serves.
fn marks_first() -> bool {
    unfinished!()
}

/// Whether a replica that is marked with `mark` stores a write under `token`.
fn stores(mark: Option<Token>, token: Token) -> Ruling<StoreRule> {
    unfinished!(mark, token)
}

hand_in!("lease-fenced-store", Rulebook { marks_first, stores });
