//! Majorities, and the read that writes back. Read `quorate learn show register-quorum` first.

use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// ABD §3: how many of that many replicas are enough.
fn quorum(replicas: usize) -> usize {
    unfinished!(replicas)
}

/// ABD §3: whether an answer counts, of a replica of which so many are counted.
fn counts(before: u32) -> Ruling<RegisterRule> {
    unfinished!(before)
}

/// ABD §3: whether a read must write the version back that so many have reported.
fn write_back(holding: usize, quorum: usize) -> Ruling<RegisterRule> {
    unfinished!(holding, quorum)
}

/// ABD §3: whether a version is on disk before it is acknowledged.
fn writes_before_ack() -> bool {
    unfinished!()
}

hand_in!("register-quorum", Rulebook { quorum, counts, write_back, writes_before_ack });
