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

hand_in!("paxos-value", Rulebook { value_to_propose });
