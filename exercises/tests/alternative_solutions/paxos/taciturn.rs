//! Alternative promise that is given once: a promised ballot is not promised again, even if the
//! reply was lost.

use std::cmp::Ordering;

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

fn promise(promised: Option<Ballot>, _accepted: Option<Ballot>, asked: Ballot) -> Ruling<PaxosRule> {
    match Some(asked).cmp(&promised) {
        Ordering::Greater => Allow(PaxosRule::PromiseHigher),
        // Its proposer will come with a higher ballot.
        Ordering::Equal => Refuse(PaxosRule::IgnoreAccepted),
        Ordering::Less => Refuse(PaxosRule::RefusePrepare),
    }
}

hand_in!("paxos-promise", Rulebook { promise });
