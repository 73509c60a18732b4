//! An answer that never comes back, for the tests of marking.

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

fn promise(_: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    loop {
        std::hint::black_box(asked);
    }
}

hand_in!("paxos-promise", Yours { name: "endless", promise: Some(promise), ..Yours::NONE });
