//! Exactly-once application: should this request be applied? Read
//! `quorate learn show raft-apply-once` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Raft §8: `applied_before` says whether this request has been applied already.
fn applies(applied_before: bool) -> bool {
    unfinished!(applied_before)
}

hand_in!("raft-apply-once", Rulebook { applies });
