//! The vote that a promise reports. Read `quorate learn show paxos-report` first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, phase 1(b): the ballot under which a promise reports a vote.
///
/// `accepted` is the ballot in which it was cast, `promised` the highest ballot that was promised
/// before the one now asked for.
fn reported_ballot(accepted: Ballot, promised: Option<Ballot>) -> Ballot {
    unfinished!(accepted, promised)
}

hand_in!("paxos-report", Rulebook { reported_ballot });
