//! The terse one has one line: a vote is a vote, the first time and the second.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

hand_in!(
    "paxos-accept",
    Rulebook {
        accept: |promised, _, asked| {
            if promised <= Some(asked) { Allow(PaxosRule::Accept) } else { Refuse(PaxosRule::RefuseAccept) }
        },
        promised_after_accept: |before, accepted| before.into_iter().chain([accepted]).max()
    }
);
