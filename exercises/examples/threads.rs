//! An answer that starts four thousand threads.

use std::thread::Builder;
use std::time::Duration;

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

fn promise(_: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    let sleep = || std::thread::sleep(Duration::from_secs(60));
    let started = (0..4_000).filter(|_| Builder::new().stack_size(1 << 16).spawn(sleep).is_ok()).count();
    panic!("asked about {asked}: {started} threads were started")
}

hand_in!("paxos-promise", Yours { name: "threads", promise: Some(promise), ..Yours::NONE });
