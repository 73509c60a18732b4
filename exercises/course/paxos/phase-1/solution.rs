//! First ask, then propose: does a ballot need a phase 1?

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, P2c, and §3: unless it was made for this very ballot.
fn must_prepare(ballot: Ballot, prepared: Option<Ballot>) -> bool {
    match prepared {
        Some(prepared) => prepared < ballot,
        None => true,
    }
}

hand_in!("paxos-phase-1", Rulebook { must_prepare });
