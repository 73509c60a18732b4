//! The value to propose: which of the reported votes binds a proposer?

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, P2c: that of the highest ballot.
fn value_to_propose(reported: &[Ballot]) -> Option<usize> {
    let highest = reported.iter().max()?;
    reported.iter().position(|ballot| ballot == highest)
}

/// Paxos Made Simple §2.2: one vote is not a choice.
fn completes_reported() -> bool {
    true
}

hand_in!("paxos-value", Rulebook { value_to_propose, completes_reported });
