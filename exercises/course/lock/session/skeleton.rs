//! The end of a session. Read `quorate learn show lock-session` first.

use quorate_exercises::coordination::*;
use quorate_exercises::prelude::*;

/// ZooKeeper §4.4: whether this server counts sessions.
fn counts_sessions(leads: bool) -> bool {
    unfinished!(leads)
}

/// Chubby §2.9: the time from which a server counts a session's timeout.
fn leader_counts_from(leads_since: Option<Time>, touched: Time) -> Time {
    unfinished!(leads_since, touched)
}

/// ZooKeeper §4.4: whether a session whose timeout ends at `end` has ended.
fn has_ended(end: Time, now: Time) -> bool {
    unfinished!(end, now)
}

/// ZooKeeper §4.4: the number of heartbeats on which the expiry depends.
fn expires_after(touches: u64) -> Option<u64> {
    unfinished!(touches)
}

/// ZooKeeper §2.1; Chubby §2.4: the time after which the nodes of an expired session go.
fn frees_after(lock_delay: Duration) -> Option<Duration> {
    unfinished!(lock_delay)
}

hand_in!(
    "lock-session",
    Rulebook { counts_sessions, leader_counts_from, has_ended, expires_after, frees_after }
);
