//! Acceptor recovery: what does a restarted acceptor still know?

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2: a promise is permanent.
fn recall_promised(written: Option<Ballot>) -> Option<Ballot> {
    written
}

/// Paxos Made Simple §2.2: any vote may be the one that a later proposer must learn of.
fn recall_accepted(_written: Ballot) -> bool {
    true
}

hand_in!("paxos-restart", Rulebook { recall_promised, recall_accepted });
