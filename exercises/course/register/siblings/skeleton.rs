//! Siblings, and the writes that replace them. Read `quorate learn show register-siblings` first.

use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// Preguiça 2010 §3: the writes that a new version replaces.
fn context(read: &Seen, held: &Seen) -> Seen {
    unfinished!(read, held)
}

/// Preguiça 2010 §3: whether `known` writes and the one numbered `dot` are all up to it.
fn follows(known: u64, dot: u64) -> bool {
    unfinished!(known, dot)
}

/// RFC 677 §3, Preguiça 2010 §3: whether the first version replaces the second.
fn replaces(order: Order, one: &Version, other: &Version) -> bool {
    unfinished!(order, one, other)
}

hand_in!("register-siblings", Rulebook { context, follows, replaces });
