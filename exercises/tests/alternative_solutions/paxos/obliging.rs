//! Alternative promise that is always repeated on request, even after a vote: the report then
//! contains that same vote.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

fn promise(promised: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    let Some(promised) = promised else { return Allow(PaxosRule::PromiseHigher) };
    if promised > asked {
        Refuse(PaxosRule::RefusePrepare)
    } else if promised == asked {
        Allow(PaxosRule::PromiseAgain)
    } else {
        Allow(PaxosRule::PromiseHigher)
    }
}

hand_in!("paxos-promise", Rulebook { promise });
