//! Sessions, by a student who asks what the session lacks.

use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

fn covers(order: Order, held: &[Version], token: Stamp) -> bool {
    let is_older = |version: &Version| match order {
        Order::Vector => version.stamp != token && !version.seen.covers(token),
        _ => version.stamp < token,
    };
    !held.iter().all(is_older)
}

fn demands(session: Session, wrote: bool) -> bool {
    (session, wrote) == (Session::ReadYourWrites, true) || (session, wrote) == (Session::MonotonicReads, false)
}

hand_in!("register-session", Rulebook { demands, covers });
