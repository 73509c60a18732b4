//! What a view change and a new view must prove.

use quorate_exercises::pbft::*;
use quorate_exercises::prelude::*;

/// PBFT §4.4.
fn joins(f: usize, others: usize) -> Ruling<PbftRule> {
    if others > f { Allow(PbftRule::JoinViewChange) } else { Refuse(PbftRule::CountViewChange) }
}

/// PBFT §4.4.
fn demands_proof() -> bool {
    true
}

/// PBFT §4.4.
fn prefers(view: u64, other: u64) -> bool {
    view > other
}

hand_in!("liar-view", Rulebook { joins, demands_proof, prefers });
