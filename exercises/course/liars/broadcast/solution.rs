//! The thresholds of reliable broadcast.

use quorate_exercises::broadcast::*;
use quorate_exercises::prelude::*;

/// Bracha §3, step 2.
fn enough_echoes(n: usize, f: usize, echoes: usize) -> bool {
    2 * echoes > n + f
}

/// Bracha §3, step 2.
fn follows(f: usize, readies: usize) -> bool {
    readies > f
}

/// Bracha §3, step 3.
fn accepts(f: usize, readies: usize) -> bool {
    readies > 2 * f
}

hand_in!("liar-broadcast", Rulebook { enough_echoes, follows, accepts });
