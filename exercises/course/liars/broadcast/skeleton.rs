//! The thresholds of reliable broadcast. Read `quorate learn show liar-broadcast` first.

use quorate_exercises::broadcast::*;
use quorate_exercises::prelude::*;

/// Bracha §3, step 2: whether a value has enough echoes.
fn enough_echoes(n: usize, f: usize, echoes: usize) -> bool {
    unfinished!(n, f, echoes)
}

/// Bracha §3, step 2: whether a node follows those that are ready.
fn follows(f: usize, readies: usize) -> bool {
    unfinished!(f, readies)
}

/// Bracha §3, step 3: whether a node accepts a value.
fn accepts(f: usize, readies: usize) -> bool {
    unfinished!(f, readies)
}

hand_in!("liar-broadcast", Rulebook { enough_echoes, follows, accepts });
