//! Leaders, and participants in doubt.

use quorate_exercises::paxos_commit::*;
use quorate_exercises::prelude::*;

/// Gray and Lamport §2 and §4.2.
fn commits(prepared: usize, participants: usize) -> Ruling<PaxosCommitRule> {
    if prepared == participants {
        Allow(PaxosCommitRule::DecideCommit)
    } else {
        Refuse(PaxosCommitRule::CountAccepted)
    }
}

/// Gray and Lamport §4.2.
fn tells_undecided() -> Option<Outcome> {
    None
}

/// Gray and Lamport §2.
fn on_silence() -> Ruling<PaxosCommitRule> {
    Refuse(PaxosCommitRule::AskOutcome)
}

/// Gray and Lamport §6.
fn next_life(written: u64) -> u64 {
    written + 1
}

hand_in!("txn-leader", Rulebook { commits, tells_undecided, on_silence, next_life });
