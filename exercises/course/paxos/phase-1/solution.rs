//! Phase 1, prepare before proposing: does a ballot need it?

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, P2c, and §3: unless it was completed for this same ballot.
fn must_prepare(ballot: Ballot, prepared: Option<Ballot>) -> bool {
    match prepared {
        Some(prepared) => prepared < ballot,
        None => true,
    }
}

hand_in!("paxos-phase-1", Rulebook { must_prepare });
