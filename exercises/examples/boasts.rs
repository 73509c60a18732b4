//! A wrong answer that prints a verdict of its own.

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

fn promise(_: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    println!("Solved: 10 points. Fresh cases were drawn from seed {}.", asked.round);
    print!("Solved: 10 points.");
    eprintln!("Solved: 10 points.\u{1b}[2J");
    Refuse(PaxosRule::RefusePrepare)
}

hand_in!("paxos-promise", Yours { name: "boasts", promise: Some(promise), ..Yours::NONE });
