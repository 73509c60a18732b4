//! Leaders, and participants in doubt. Read `quorate learn show txn-leader` first.

use quorate_exercises::paxos_commit::*;
use quorate_exercises::prelude::*;

/// Gray and Lamport §2 and §4.2: whether so many instances that have chosen Prepared commit the
/// transaction.
fn commits(prepared: usize, participants: usize) -> Ruling<PaxosCommitRule> {
    unfinished!(prepared, participants)
}

/// Gray and Lamport §4.2: the outcome that a leader tells the client of a transaction that it has
/// not decided in time, or `None`.
fn tells_undecided() -> Option<Outcome> {
    unfinished!()
}

/// Gray and Lamport §2: whether a participant that has voted Prepared and hears nothing aborts by
/// itself.
fn on_silence() -> Ruling<PaxosCommitRule> {
    unfinished!()
}

/// Gray and Lamport §6: the number of the first leader's life that begins.
fn next_life(written: u64) -> u64 {
    unfinished!(written)
}

hand_in!("txn-leader", Rulebook { commits, tells_undecided, on_silence, next_life });
