//! An answer that says a little now and then, and never what it was asked.

use std::time::Duration;

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

fn promise(_: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    loop {
        println!("still thinking about {asked}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

hand_in!("paxos-promise", Yours { name: "drips", promise: Some(promise), ..Yours::NONE });
