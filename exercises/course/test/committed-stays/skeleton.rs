//! Invariant: committed entries never change. Read `quorate learn show test-committed-stays` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// At one index, only one entry is committed and applied (Raft Figure 3). Add the fields that you
/// need.
#[derive(Clone, Default)]
struct CommittedStays {}

impl Watch for CommittedStays {
    type Fact = Fact<KeyValue>;

    /// Observes that `fact` has become true, as reported by `node`. Returns an error message if
    /// that violates the invariant.
    fn see(&mut self, node: NodeId, fact: &Fact<KeyValue>) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-committed-stays", Watcher::<CommittedStays>::default());
