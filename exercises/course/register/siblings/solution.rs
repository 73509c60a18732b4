//! Siblings, and the writes that replace them.

use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// Preguiça 2010 §3.
fn context(read: &Seen, held: &Seen) -> Seen {
    let _ = held;
    read.clone()
}

/// Preguiça 2010 §3.
fn follows(known: u64, dot: u64) -> bool {
    known.checked_add(1) == Some(dot)
}

/// RFC 677 §3; Preguiça 2010 §3.
fn replaces(order: Order, one: &Version, other: &Version) -> bool {
    match order {
        Order::Vector => one.seen.covers(other.stamp),
        Order::Wall | Order::Lamport | Order::Hybrid => one.stamp > other.stamp,
    }
}

hand_in!("register-siblings", Rulebook { context, follows, replaces });
