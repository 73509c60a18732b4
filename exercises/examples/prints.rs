//! An answer that prints without an end.

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

fn promise(_: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    loop {
        println!("asked about {asked}, and thinking about it");
    }
}

hand_in!("paxos-promise", Yours { name: "prints", promise: Some(promise), ..Yours::NONE });
