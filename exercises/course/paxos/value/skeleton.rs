//! The value to propose: which of the reported votes binds a proposer? Read
//! `quorate learn show paxos-value` first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, P2c.
///
/// `reported` are the ballots of the votes that the quorum reports, in the order in which the
/// promises arrived. The answer is the index, from 0, of the one whose value must be proposed;
/// `None` if the proposer is free.
fn value_to_propose(reported: &[Ballot]) -> Option<usize> {
    unfinished!(reported)
}

/// Paxos Made Simple §2.2: whether a reported value is proposed again before anyone is told of it.
fn completes_reported() -> bool {
    unfinished!()
}

hand_in!("paxos-value", Rulebook { value_to_propose, completes_reported });
