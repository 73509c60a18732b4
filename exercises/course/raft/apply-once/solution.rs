//! Exactly-once application: should this request be applied?

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §8.
fn applies(applied_before: bool) -> bool {
    !applied_before
}

hand_in!("raft-apply-once", Rulebook { applies });
