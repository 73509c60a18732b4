//! Invariant: at most one primary at a time (mutual exclusion). Read
//! `quorate learn show test-one-primary` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// At most one node is primary at any instant (Leases §2). Add the fields that you need.
#[derive(Clone, Default)]
struct OnePrimary {}

impl Watch for OnePrimary {
    type Fact = Fact;

    /// Observes that `fact` has become true, as reported by `node`. Returns an error message if
    /// that violates the invariant.
    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-one-primary", Watcher::<OnePrimary>::default());
