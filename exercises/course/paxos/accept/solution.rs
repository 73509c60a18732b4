//! Phase 2(b), the vote: may an acceptor accept this proposal?

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, P1a and phase 2(b).
fn accept(promised: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    match promised {
        Some(promised) if promised > asked => Refuse(PaxosRule::RefuseAccept),
        _ if accepted == Some(asked) => Allow(PaxosRule::AcceptAgain),
        _ => Allow(PaxosRule::Accept),
    }
}

/// It has voted, so it was allowed to: it had promised nothing above that ballot.
fn promised_after_accept(_before: Option<Ballot>, accepted: Ballot) -> Option<Ballot> {
    Some(accepted)
}

hand_in!("paxos-accept", Rulebook { accept, promised_after_accept });
