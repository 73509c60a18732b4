//! Phase 2(b), the vote: may an acceptor accept this proposal? Read
//! `quorate learn show paxos-accept` first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, P1a and phase 2(b).
///
/// `promised` is the highest ballot that this acceptor has promised, `accepted` that of its latest
/// vote, and `asked` that of the proposal.
fn accept(promised: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    unfinished!(promised, accepted, asked)
}

/// The promise of an acceptor after a vote in `accepted`, if its promise was `before` until then.
fn promised_after_accept(before: Option<Ballot>, accepted: Ballot) -> Option<Ballot> {
    unfinished!(before, accepted)
}

hand_in!("paxos-accept", Rulebook { accept, promised_after_accept });
