//! The thresholds of reliable broadcast, by a student who divides, and asks what the honest ones are.

use quorate_exercises::broadcast::*;
use quorate_exercises::prelude::*;

/// The honest ones among so many, in the worst case.
fn honest(count: usize, f: usize) -> usize {
    count.saturating_sub(f)
}

fn enough_echoes(n: usize, f: usize, echoes: usize) -> bool {
    // More than half of the honest nodes.
    honest(echoes, f) > honest(n, f) / 2
}

fn follows(f: usize, readies: usize) -> bool {
    honest(readies, f) >= 1
}

fn accepts(f: usize, readies: usize) -> bool {
    follows(f, honest(readies, f))
}

hand_in!("liar-broadcast", Rulebook { enough_echoes, follows, accepts });
