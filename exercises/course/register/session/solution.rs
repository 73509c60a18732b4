//! Sessions, and requests that come twice.

use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// RIFL §3.
fn begins(last: Option<u64>, number: u64) -> Ruling<RegisterRule> {
    match last {
        Some(last) if number == last => Refuse(RegisterRule::RepeatedRequest),
        Some(last) if number < last => Refuse(RegisterRule::Overtaken),
        _ => Allow(RegisterRule::WriteHere),
    }
}

/// Terry 1994 §3.
fn demands(session: Session, wrote: bool) -> bool {
    match session {
        Session::Off => false,
        Session::ReadYourWrites => wrote,
        Session::MonotonicReads => !wrote,
    }
}

/// Terry 1994 §3.
fn covers(order: Order, held: &[Version], token: Stamp) -> bool {
    held.iter().any(|version| match order {
        Order::Vector => version.stamp == token || version.seen.covers(token),
        Order::Wall | Order::Lamport | Order::Hybrid => version.stamp >= token,
    })
}

/// Terry 1994 §3.
fn may_answer(covered: bool) -> Ruling<RegisterRule> {
    if covered { Allow(RegisterRule::ReadHere) } else { Refuse(RegisterRule::WaitForSession) }
}

hand_in!("register-session", Rulebook { begins, demands, covers, may_answer });
