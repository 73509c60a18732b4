//! What a promise reports, and what a prepare may bring. Read `quorate learn show paxos-report` first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, phase 1(b): the ballot under which a promise reports a vote.
///
/// `accepted` is the ballot in which it was cast, `promised` the highest ballot that was promised before the one now asked for.
fn reported_ballot(accepted: Ballot, promised: Option<Ballot>) -> Ballot {
    unfinished!(accepted, promised)
}

/// Paxos Made Simple §2.2, phase 1(a): the value that a prepare carries, if any. `own` is what its proposer would like to propose.
fn prepare_carries(own: &Value) -> Option<Value> {
    unfinished!(own)
}

hand_in!("paxos-report", Rulebook { reported_ballot, prepare_carries });
