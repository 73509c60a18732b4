//! Acceptor recovery: what does a restarted acceptor still know? Read
//! `quorate learn show paxos-restart` first.

use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §2.2: the promise of a restarted acceptor. `written` is the promise on its
/// disk.
fn recall_promised(written: Option<Ballot>) -> Option<Ballot> {
    unfinished!(written)
}

/// Paxos Made Simple §2.2: whether a restarted acceptor still knows the vote on its disk, which it
/// cast in this ballot.
fn recall_accepted(written: Ballot) -> bool {
    unfinished!(written)
}

hand_in!("paxos-restart", Rulebook { recall_promised, recall_accepted });
