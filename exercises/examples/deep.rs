//! An answer that calls itself for ever, for the tests of marking.

use quorate_answer::paxos::*;
use quorate_answer::prelude::*;

#[allow(unconditional_recursion)]
fn depth(asked: Ballot) -> u64 {
    depth(std::hint::black_box(asked)) + 1
}

fn promise(_: Option<Ballot>, _: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    if depth(asked) > 0 { Allow(PaxosRule::PromiseHigher) } else { Refuse(PaxosRule::RefusePrepare) }
}

hand_in!("paxos-promise", Yours { name: "deep", promise: Some(promise), ..Yours::NONE });
