//! Invariant: one holder at a time.

use std::collections::BTreeSet;

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// At most one client acts under the lock at any instant (Redlock, safety property).
#[derive(Clone, Default)]
struct OneHolder {
    /// The lock that was taken last.
    newest: Option<AttemptId>,
    /// The locks that their clients have given up.
    lost: BTreeSet<AttemptId>,
}

impl Watch for OneHolder {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        match fact {
            Fact::LockHeld { attempt, .. } => self.newest = Some(*attempt),
            Fact::LockLost { attempt, .. } => {
                self.lost.insert(*attempt);
            }
            Fact::Acted { attempt } => {
                if let Some(newest) = self.newest.filter(|newest| newest.owner != attempt.owner) {
                    return Err(format!("{node} acted under {attempt}, and {newest} is a later lock"));
                }
                if self.lost.contains(attempt) {
                    return Err(format!("{node} acted under {attempt}, which it has lost"));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

hand_in!("test-one-holder", Watcher::<OneHolder>::default());
