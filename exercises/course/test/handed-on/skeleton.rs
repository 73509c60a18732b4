//! Invariant: handed on, once. Read `quorate learn show test-handed-on` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::outbox::*;
use quorate_exercises::prelude::*;

/// Nobody lets go of a message before the next one has it, and it is handled once. Add the fields
/// that you need.
#[derive(Clone, Default)]
struct HandedOn {}

impl Watch for HandedOn {
    type Fact = Fact;

    /// Observes that `fact` has become true, as reported by `node`. Returns an error message if
    /// that violates the invariant.
    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-handed-on", Watcher::<HandedOn>::default());
