//! Phase 1, prepare before proposing: does a ballot need it? Read
//! `quorate learn show paxos-phase-1` first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, P2c, and §3: whether phase 1 must be completed before a proposal in
/// `ballot`.
///
/// `prepared` is the ballot whose phase 1 the proposer has completed most recently.
fn must_prepare(ballot: Ballot, prepared: Option<Ballot>) -> bool {
    unfinished!(ballot, prepared)
}

hand_in!("paxos-phase-1", Rulebook { must_prepare });
