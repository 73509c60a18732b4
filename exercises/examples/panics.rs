//! An answer that falls over, for the tests of marking.

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

fn promise(_: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    panic!("what is {}?", asked.round)
}

hand_in!("paxos-promise", Yours { name: "panics", promise: Some(promise), ..Yours::NONE });
