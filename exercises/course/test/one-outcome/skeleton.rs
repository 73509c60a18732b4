//! Invariant: one outcome. Read `quorate learn show test-one-outcome` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// A transaction has one outcome, and a commit has every yes. Add the fields that you need.
#[derive(Clone, Default)]
struct OneOutcome {}

impl Watch for OneOutcome {
    type Fact = Fact;

    /// Observes that `fact` has become true, as reported by `node`. Returns an error message if
    /// that violates the invariant.
    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-one-outcome", Watcher::<OneOutcome>::default());
