//! Invariant: at most one leader per term (election safety). Read
//! `quorate learn show test-one-leader` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// At most one node is elected in a term (Raft Figure 3). Add the fields that you need.
#[derive(Clone, Default)]
struct OneLeader {}

impl Watch for OneLeader {
    type Fact = Fact<KeyValue>;

    /// Observes that `fact` has become true, as reported by `node`. Returns an error message if
    /// that violates the invariant.
    fn see(&mut self, node: NodeId, fact: &Fact<KeyValue>) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-one-leader", Watcher::<OneLeader>::default());
