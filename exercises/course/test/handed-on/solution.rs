//! Invariant: handed on, once.

use std::collections::BTreeSet;

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::outbox::*;
use quorate_exercises::prelude::*;

/// Nobody lets go of a message before the next one has it, and it is handled once (Helland §5).
#[derive(Clone, Default)]
struct HandedOn {
    placed: BTreeSet<u64>,
    queued: BTreeSet<u64>,
    handled: BTreeSet<u64>,
}

impl Watch for HandedOn {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        let is_right = match fact {
            Fact::Placed { id, .. } => {
                self.placed.insert(*id);
                true
            }
            Fact::Queued { id } => {
                self.queued.insert(*id);
                self.placed.contains(id)
            }
            Fact::Deleted { id } => self.queued.contains(id),
            Fact::Handled { id, .. } => self.handled.insert(*id),
            Fact::Removed { id } => self.handled.contains(id),
        };
        if is_right { Ok(()) } else { Err(format!("{node} says {fact:?}, which contradicts what was before")) }
    }
}

hand_in!("test-handed-on", Watcher::<HandedOn>::default());
