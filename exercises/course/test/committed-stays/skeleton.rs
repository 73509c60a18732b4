//! Committed entries stay: an invariant of yours. Read `quorate learn show test-committed-stays` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// At one index, one entry is committed and applied (Raft Figure 3). What it remembers is up to you.
#[derive(Clone, Default)]
struct CommittedStays {}

impl Watch for CommittedStays {
    type Fact = Fact<KeyValue>;

    /// Hears that `fact` has become true, as `node` says. Objects with a sentence if that cannot be.
    fn see(&mut self, node: NodeId, fact: &Fact<KeyValue>) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-committed-stays", Watcher::<CommittedStays>::default());
