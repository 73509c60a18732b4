//! Phase 1(b), the promise: may an acceptor promise this ballot? Read
//! `quorate learn show paxos-promise` first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, phase 1(b).
///
/// `promised` is the highest ballot that this acceptor has promised, `accepted` that of its latest
/// vote, and `asked` the one that a proposer asks it to prepare for.
fn promise(promised: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    unfinished!(promised, accepted, asked)
}

hand_in!("paxos-promise", Rulebook { promise });
