//! Invariant: late writes are refused. Read `quorate learn show test-fenced-writes` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// The resource never accepts a write of an earlier grant than before. Add the fields that you
/// need.
#[derive(Clone, Default)]
struct FencedWrites {}

impl Watch for FencedWrites {
    type Fact = Fact;

    /// Observes that `fact` has become true, as reported by `node`. Returns an error message if
    /// that violates the invariant.
    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-fenced-writes", Watcher::<FencedWrites>::default());
