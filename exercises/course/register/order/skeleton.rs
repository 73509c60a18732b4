//! The order of versions. Read `quorate learn show register-order` first.

use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// Lynch and Shvartsman §4: whether a write asks a majority for the newest stamp first.
fn write_asks_first() -> bool {
    unfinished!()
}

/// Lynch and Shvartsman §4: the clock part of the stamp of a write.
fn next_tag(newest: Tick, last: Tick) -> Tick {
    unfinished!(newest, last)
}

/// RFC 677 §3: whether the first of two stamps is the newer one.
fn newer(one: Stamp, other: Stamp) -> bool {
    unfinished!(one, other)
}

hand_in!("register-order", Rulebook { write_asks_first, next_tag, newer });
