//! Check-quorum: does a leader without followers step down, and which candidates are considered?
//! Read `quorate learn show raft-check-quorum` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Dissertation §6.2: whether a leader continues to lead, at the end of an election timeout.
fn keeps_leading(heard_majority: bool) -> Ruling<RaftRule> {
    unfinished!(heard_majority)
}

/// Dissertation §4.2.3, §3.10: whether a candidate of a higher term is considered.
fn considers_candidate(hears_leader: bool, transfer: bool) -> Ruling<RaftRule> {
    unfinished!(hears_leader, transfer)
}

/// Dissertation §3.10: whether a node campaigns at once, as a leader of term `sent` tells it to.
fn obeys_timeout_now(sent: Term, current: Term) -> Ruling<RaftRule> {
    unfinished!(sent, current)
}

hand_in!("raft-check-quorum", Rulebook { keeps_leading, considers_candidate, obeys_timeout_now });
