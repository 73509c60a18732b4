//! Phase 1(b), the promise: may an acceptor promise this ballot?

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2, phase 1(b).
fn promise(promised: Option<Ballot>, accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    match promised {
        Some(promised) if asked < promised => Refuse(PaxosRule::RefusePrepare),
        Some(promised) if asked == promised && accepted == Some(asked) => Refuse(PaxosRule::IgnoreAccepted),
        Some(promised) if asked == promised => Allow(PaxosRule::PromiseAgain),
        _ => Allow(PaxosRule::PromiseHigher),
    }
}

hand_in!("paxos-promise", Rulebook { promise });
