//! Invariant: acceptors keep their promises. Read `quorate learn show test-promises` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// The ballots that an acceptor promises and accepts never decrease (Paxos Made Simple §2.2). Add
/// the fields that you need.
#[derive(Clone, Default)]
struct PromisesKept {}

impl Watch for PromisesKept {
    type Fact = Fact;

    /// Observes that `fact` has become true, as reported by `node`. Returns an error message if
    /// that violates the invariant.
    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-promises", Watcher::<PromisesKept>::default());
