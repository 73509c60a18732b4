//! The vote that a promise reports.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, phase 1(b): a vote is reported under the ballot in which it was cast,
/// whatever was promised since.
fn reported_ballot(accepted: Ballot, _promised: Option<Ballot>) -> Ballot {
    accepted
}

hand_in!("paxos-report", Rulebook { reported_ballot });
