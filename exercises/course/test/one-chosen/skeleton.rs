//! Invariant: only one value is chosen. Read `quorate learn show test-one-chosen` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Only a single value is chosen (Paxos Made Simple §2.1). Add the fields that you need.
#[derive(Clone, Default)]
struct OneChosen {}

impl Watch for OneChosen {
    type Fact = Fact;

    /// Observes that `fact` has become true, as reported by `node`. Returns an error message if
    /// that violates the invariant.
    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-one-chosen", Watcher::<OneChosen>::default());
