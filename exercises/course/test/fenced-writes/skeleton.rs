//! Late writes are refused: an invariant of yours. Read `quorate learn show test-fenced-writes` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// What the resource accepts never goes back to an earlier grant. What it remembers is up to you.
#[derive(Clone, Default)]
struct FencedWrites {}

impl Watch for FencedWrites {
    type Fact = Fact;

    /// Hears that `fact` has become true, as `node` says. Objects with a sentence if that cannot be.
    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-fenced-writes", Watcher::<FencedWrites>::default());
