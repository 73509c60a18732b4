//! The obliging one repeats a promise whenever asked, also after it has voted: the report then has that very vote in it.

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
