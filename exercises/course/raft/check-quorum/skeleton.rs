//! A leader without followers: who stays, and who is listened to? Read `quorate learn show raft-check-quorum` first.

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Dissertation §6.2: does a leader go on leading, at the end of an election timeout?
fn keeps_leading(heard_majority: bool) -> Ruling<RaftRule> {
    unfinished!(heard_majority)
}

/// Dissertation §4.2.3, §3.10: is a candidate of a higher term listened to?
fn heeds_candidate(hears_leader: bool, transfer: bool) -> Ruling<RaftRule> {
    unfinished!(hears_leader, transfer)
}

hand_in!("raft-check-quorum", Rulebook { keeps_leading, heeds_candidate });
