//! Invariant: one holder at a time. Read `quorate learn show test-one-holder` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// At most one client acts under the lock at any instant. Add the fields that you need.
#[derive(Clone, Default)]
struct OneHolder {}

impl Watch for OneHolder {
    type Fact = Fact;

    /// Observes that `fact` has become true, as reported by `node`. Returns an error message if
    /// that violates the invariant.
    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-one-holder", Watcher::<OneHolder>::default());
