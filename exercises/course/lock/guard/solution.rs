//! The guard of a resource.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Distributed locking.
fn admits(highest: Option<Token>, shown: Option<Token>) -> Ruling<LockRule> {
    match (highest, shown) {
        (Some(_), None) => Refuse(LockRule::RefuseToken),
        (Some(highest), Some(shown)) if shown < highest => Refuse(LockRule::RefuseToken),
        _ => Allow(LockRule::AdmitToken),
    }
}

/// Distributed locking.
fn keeps_highest() -> bool {
    true
}

/// Is Redlock safe?
fn is_current(currlock: Option<AttemptId>, writer: AttemptId) -> Ruling<LockRule> {
    if currlock == Some(writer) { Allow(LockRule::WriteIfCurrLock) } else { Refuse(LockRule::CurrLockMoved) }
}

hand_in!("lock-guard", Rulebook { admits, keeps_highest, is_current });
