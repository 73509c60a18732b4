//! One primary at a time: an invariant of yours. Read `quorate learn show test-one-primary` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// At most one node is primary at any instant (Leases §2). What it remembers is up to you.
#[derive(Clone, Default)]
struct OnePrimary {}

impl Watch for OnePrimary {
    type Fact = Fact;

    /// Hears that `fact` has become true, as `node` says. Objects with a sentence if that cannot be.
    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-one-primary", Watcher::<OnePrimary>::default());
