//! Messages and requests that are new.

use quorate_exercises::outbox::*;
use quorate_exercises::prelude::*;

/// Helland 2007 §5.
fn handles(known: bool) -> Ruling<OutboxRule> {
    if known { Refuse(OutboxRule::KnownId) } else { Allow(OutboxRule::Handle) }
}

/// Helland 2007 §5.
fn keeps_id(_newer: usize) -> bool {
    true
}

/// RIFL §3.
fn begins(last: Option<u64>, number: u64) -> Ruling<OutboxRule> {
    match last {
        Some(last) if last == number => Refuse(OutboxRule::AnswerFromRecord),
        Some(last) if last > number => Refuse(OutboxRule::Overtaken),
        _ => Allow(OutboxRule::Place),
    }
}

hand_in!("txn-handled-once", Rulebook { handles, keeps_id, begins });
