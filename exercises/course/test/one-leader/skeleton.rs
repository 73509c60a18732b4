//! One leader per term: an invariant of yours. Read `quorate learn show test-one-leader` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// At most one node is elected in a term (Raft Figure 3). What it remembers is up to you.
#[derive(Clone, Default)]
struct OneLeader {}

impl Watch for OneLeader {
    type Fact = Fact<KeyValue>;

    /// Hears that `fact` has become true, as `node` says. Objects with a sentence if that cannot be.
    fn see(&mut self, node: NodeId, fact: &Fact<KeyValue>) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-one-leader", Watcher::<OneLeader>::default());
