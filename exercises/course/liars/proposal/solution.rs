//! What a replica accepts of a primary that may lie.

use std::cmp::Ordering;

use quorate_exercises::pbft::*;
use quorate_exercises::prelude::*;

/// PBFT §2.
fn seal_holds(by: NodeId, claimed: NodeId) -> bool {
    by == claimed
}

/// PBFT §4.2.
fn accepts(accepted: Option<&Digest>, proposed: &Digest) -> Ruling<PbftRule> {
    match accepted {
        None => Allow(PbftRule::Prepare),
        Some(accepted) if accepted == proposed => Refuse(PbftRule::RepeatedProposal),
        Some(_) => Refuse(PbftRule::OneDigestPerNumber),
    }
}

/// PBFT §4.2.
fn in_window(low: u64, high: u64, number: u64) -> bool {
    low < number && number <= high
}

/// PBFT §4.1.
fn executes(last: Option<u64>, number: u64) -> Ruling<PbftRule> {
    match last.map(|last| number.cmp(&last)) {
        None | Some(Ordering::Greater) => Allow(PbftRule::Execute),
        Some(Ordering::Equal) => Refuse(PbftRule::AnswerFromRecord),
        Some(Ordering::Less) => Refuse(PbftRule::Overtaken),
    }
}

hand_in!("liar-proposal", Rulebook { seal_holds, accepts, in_window, executes });
