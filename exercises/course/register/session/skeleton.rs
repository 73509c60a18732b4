//! Sessions, and requests that come twice. Read `quorate learn show register-session` first.

use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// RIFL §3: whether a write begins.
fn begins(last: Option<u64>, number: u64) -> Ruling<RegisterRule> {
    unfinished!(last, number)
}

/// Terry 1994 §3: whether a session demands a stamp of a read.
fn demands(session: Session, wrote: bool) -> bool {
    unfinished!(session, wrote)
}

/// Terry 1994 §3: whether the versions held show a write, or something newer.
fn covers(order: Order, held: &[Version], token: Stamp) -> bool {
    unfinished!(order, held, token)
}

/// Terry 1994 §3: whether a replica may answer a read.
fn may_answer(covered: bool) -> Ruling<RegisterRule> {
    unfinished!(covered)
}

hand_in!("register-session", Rulebook { begins, demands, covers, may_answer });
