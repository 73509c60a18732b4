//! The belief of a client in its lock. Read `quorate learn show lock-belief` first.

use quorate_exercises::coordination::*;
use quorate_exercises::prelude::*;

/// ZooKeeper §4.4; Leases §3: the time from which a client counts its session.
fn counts_from(sent: Time, answered: Time) -> Time {
    unfinished!(sent, answered)
}

/// Leases §5: how long a client counts.
fn client_term(terms: &Terms) -> Duration {
    unfinished!(terms)
}

/// Chubby §2.8: whether a client acts under its lock.
fn may_act(belief: Belief, until: Time, now: Time) -> Ruling<LockRule> {
    unfinished!(belief, until, now)
}

/// ZooKeeper §4.4: whether a client that is told of the end of its session has lost its lock.
fn loses_when_told() -> bool {
    unfinished!()
}

hand_in!("lock-belief", Rulebook { counts_from, client_term, may_act, loses_when_told });
