//! Majorities, and the read that writes back.

use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// ABD §3.
fn quorum(replicas: usize) -> usize {
    replicas / 2 + 1
}

/// ABD §3.
fn counts(before: u32) -> Ruling<RegisterRule> {
    if before == 0 { Allow(RegisterRule::CountAnswer) } else { Refuse(RegisterRule::CountedBefore) }
}

/// ABD §3.
fn write_back(holding: usize, quorum: usize) -> Ruling<RegisterRule> {
    if holding < quorum { Allow(RegisterRule::WriteBack) } else { Refuse(RegisterRule::OnMajority) }
}

/// ABD §3.
fn writes_before_ack() -> bool {
    true
}

hand_in!("register-quorum", Rulebook { quorum, counts, write_back, writes_before_ack });
