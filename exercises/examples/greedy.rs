//! An answer that wants all the memory there is, for the tests of marking.

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

fn promise(_: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    let mut hoard = Vec::new();
    loop {
        hoard.push(vec![asked.round as u8; 1 << 24]);
    }
}

hand_in!("paxos-promise", Yours { name: "greedy", promise: Some(promise), ..Yours::NONE });
