//! Alternative vote in one line, which treats a repeated vote like the first.

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
