//! Requests and identifiers that are new. Read `quorate learn show txn-again` first.

use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// RIFL §3: whether a request begins a transaction, of a client whose newest decided request is
/// `last`.
fn begins(last: Option<u64>, number: u64) -> Ruling<TwoPhaseRule> {
    unfinished!(last, number)
}

/// BHG §7.4: the number of the coordinator's life that begins.
fn next_life(written: u64) -> u64 {
    unfinished!(written)
}

hand_in!("txn-again", Rulebook { begins, next_life });
