//! An answer that promises nothing, for the tests of marking.

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

fn promise(_: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    let _ = asked;
    Refuse(PaxosRule::RefusePrepare)
}

hand_in!("paxos-promise", Yours { name: "refuses", promise: Some(promise), ..Yours::NONE });
