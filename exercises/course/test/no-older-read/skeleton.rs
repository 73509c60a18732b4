//! Invariant: nothing older. Read `quorate learn show test-no-older-read` first.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// No operation completes with something older than what was complete when it began. Add the fields
/// that you need.
#[derive(Clone, Default)]
struct NothingOlder {}

impl Watch for NothingOlder {
    type Fact = Fact;

    /// Observes that `fact` has become true, as reported by `node`. Returns an error message if
    /// that violates the invariant.
    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        unfinished!(node, fact)
    }
}

hand_in!("test-no-older-read", Watcher::<NothingOlder>::default());
