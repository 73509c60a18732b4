//! One value is chosen: an invariant of yours. Read `quorate learn show test-one-chosen` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Only a single value is chosen (Paxos Made Simple §2.1). What it remembers is up to you.
#[derive(Clone, Default)]
struct OneChosen {}

impl Watch for OneChosen {
    type Fact = Fact;

    /// Hears that `fact` has become true, as `node` says. Objects with a sentence if that cannot be.
    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-one-chosen", Watcher::<OneChosen>::default());
