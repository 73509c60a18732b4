//! What a promise reports, and what a prepare may bring.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, phase 1(b): a vote is reported as it was cast, whatever was promised since.
fn reported_ballot(accepted: Ballot, _promised: Option<Ballot>) -> Ballot {
    accepted
}

/// Paxos Made Simple §2.2, phase 1(a): a prepare asks. It has nothing to tell.
fn prepare_carries(_own: &Value) -> Option<Value> {
    None
}

hand_in!("paxos-report", Rulebook { reported_ballot, prepare_carries });
