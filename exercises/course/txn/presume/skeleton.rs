//! The memory of the coordinator. Read `quorate learn show txn-presume` first.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// BHG §7.4: whether a commit is on disk before it is announced.
fn writes_commit() -> bool {
    unfinished!()
}

/// Presumed abort §3: whether a commit may be forgotten that `done` of the participants have
/// acknowledged.
fn forgets(done: usize, participants: usize) -> Ruling<TwoPhaseRule> {
    unfinished!(done, participants)
}

/// Presumed abort §3: the outcome of a transaction of which there is no record.
fn presumes() -> Option<Outcome> {
    unfinished!()
}

hand_in!("txn-presume", Rulebook { writes_commit, forgets, presumes });
