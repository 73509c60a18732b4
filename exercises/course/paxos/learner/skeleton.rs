//! Learning what was chosen: which votes count together? Read `quorate learn show paxos-learner`
//! first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.3: whether a vote in the ballot `vote` counts towards a value chosen in the
/// ballot `towards`.
///
/// The votes are all for the same value.
fn vote_counts(vote: Ballot, towards: Ballot) -> bool {
    unfinished!(vote, towards)
}

hand_in!("paxos-learner", Rulebook { vote_counts });
