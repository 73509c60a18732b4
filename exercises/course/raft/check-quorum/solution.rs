//! Check-quorum: does a leader without followers step down, and which candidates are considered?

use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// Dissertation §6.2.
fn keeps_leading(heard_majority: bool) -> Ruling<RaftRule> {
    if heard_majority { Allow(RaftRule::KeepLeading) } else { Refuse(RaftRule::LoseQuorum) }
}

/// Dissertation §4.2.3, §3.10.
fn considers_candidate(hears_leader: bool, transfer: bool) -> Ruling<RaftRule> {
    match (hears_leader, transfer) {
        (true, false) => Refuse(RaftRule::DisregardCandidate),
        // There is no leader to protect, or the leader itself asked for the election.
        (false, _) | (true, true) => Allow(RaftRule::AdoptHigherTerm),
    }
}

/// Dissertation §3.10.
fn obeys_timeout_now(sent: Term, current: Term) -> Ruling<RaftRule> {
    if sent < current { Refuse(RaftRule::IgnoreStale) } else { Allow(RaftRule::ObeyTimeoutNow) }
}

hand_in!("raft-check-quorum", Rulebook { keeps_leading, considers_candidate, obeys_timeout_now });
