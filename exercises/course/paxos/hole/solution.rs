//! Gaps in the log: what does a new leader propose in an open slot?

use quorate_exercises::paxos::multi::Entry;
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Paxos Made Simple §3: the binding entry, otherwise a no-op.
fn fill_hole(bound: Option<&Entry>) -> Option<Entry> {
    match bound {
        Some(entry) => Some(entry.clone()),
        None => Some(Entry::noop()),
    }
}

hand_in!("paxos-hole", Rulebook { fill_hole });
