//! The order of versions.

use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// Lynch and Shvartsman §4.
fn write_asks_first() -> bool {
    true
}

/// Lynch and Shvartsman §4.
fn next_tag(newest: Tick, last: Tick) -> Tick {
    newest.max(last).next()
}

/// RFC 677 §3.
fn newer(one: Stamp, other: Stamp) -> bool {
    (one.tick, one.node) > (other.tick, other.node)
}

hand_in!("register-order", Rulebook { write_asks_first, next_tag, newer });
