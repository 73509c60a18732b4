//! An answer that is right as long as numbers are small.

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

fn promise(promised: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    match promised {
        Some(promised) if asked < promised && asked.round <= 100 => Refuse(PaxosRule::RefusePrepare),
        Some(promised) if asked == promised => Allow(PaxosRule::PromiseAgain),
        _ => Allow(PaxosRule::PromiseHigher),
    }
}

hand_in!("paxos-promise", Yours { name: "limited", promise: Some(promise), ..Yours::NONE });
