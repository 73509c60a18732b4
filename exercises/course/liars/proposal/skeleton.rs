//! What a replica accepts of a primary that may lie. Read `quorate learn show liar-proposal` first.

use quorate_exercises::pbft::*;
use quorate_exercises::prelude::*;

/// PBFT §2: whether a message with this seal counts as one of the author that it claims.
fn seal_holds(by: NodeId, claimed: NodeId) -> bool {
    unfinished!(by, claimed)
}

/// PBFT §4.2: whether a backup accepts a proposal.
fn accepts(accepted: Option<&Digest>, proposed: &Digest) -> Ruling<PbftRule> {
    unfinished!(accepted, proposed)
}

/// PBFT §4.2: whether a number lies between the water marks.
fn in_window(low: u64, high: u64, number: u64) -> bool {
    unfinished!(low, high, number)
}

/// PBFT §4.1: whether a committed request is executed.
fn executes(last: Option<u64>, number: u64) -> Ruling<PbftRule> {
    unfinished!(last, number)
}

hand_in!("liar-proposal", Rulebook { seal_holds, accepts, in_window, executes });
