//! Gaps in the log: what does a new leader propose in an open slot? Read
//! `quorate learn show paxos-hole` first.

use quorate_exercises::paxos::multi::Entry;
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §3: the entry to propose in an open slot at or below the last one reported.
///
/// `bound` is the entry that P2c binds the leader to there; `None` if nothing was reported.
fn fill_hole(bound: Option<&Entry>) -> Option<Entry> {
    unfinished!(bound)
}

hand_in!("paxos-hole", Rulebook { fill_hole });
