//! The end of a session.

use quorate_exercises::coordination::*;
use quorate_exercises::prelude::*;

/// ZooKeeper §4.4.
fn counts_sessions(leads: bool) -> bool {
    leads
}

/// Chubby §2.9.
fn leader_counts_from(leads_since: Option<Time>, touched: Time) -> Time {
    match leads_since {
        Some(since) if since > touched => since,
        _ => touched,
    }
}

/// ZooKeeper §4.4.
fn has_ended(end: Time, now: Time) -> bool {
    end < now
}

/// ZooKeeper §4.4.
fn expires_after(touches: u64) -> Option<u64> {
    Some(touches)
}

/// ZooKeeper §2.1; Chubby §2.4.
fn frees_after(lock_delay: Duration) -> Option<Duration> {
    Some(lock_delay)
}

hand_in!(
    "lock-session",
    Rulebook { counts_sessions, leader_counts_from, has_ended, expires_after, frees_after }
);
