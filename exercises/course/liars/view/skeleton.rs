//! What a view change and a new view must prove. Read `quorate learn show liar-view` first.

use quorate_exercises::pbft::*;
use quorate_exercises::prelude::*;

/// PBFT §4.4: whether a replica joins a view change that so many others want.
fn joins(f: usize, others: usize) -> Ruling<PbftRule> {
    unfinished!(f, others)
}

/// PBFT §4.4: whether view changes and new views must prove what they claim.
fn demands_proof() -> bool {
    unfinished!()
}

/// PBFT §4.4: whether the request that was prepared in `view` is proposed again, and not that of
/// `other`.
fn prefers(view: u64, other: u64) -> bool {
    unfinished!(view, other)
}

hand_in!("liar-view", Rulebook { joins, demands_proof, prefers });
