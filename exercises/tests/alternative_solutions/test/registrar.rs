//! Alternative watcher for holders: numbers all locks in the order in which they were taken.

use std::collections::BTreeMap;

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

/// Locks by rank, and by whether they are still held.
#[derive(Clone, Default)]
struct Registrar {
    locks: BTreeMap<AttemptId, (usize, bool)>,
    owners: Vec<NodeId>,
}

impl Watch for Registrar {
    type Fact = Fact;

    fn see(&mut self, _: NodeId, fact: &Fact) -> Result<(), String> {
        match fact {
            Fact::LockHeld { attempt, .. } => {
                self.locks.insert(*attempt, (self.owners.len(), true));
                self.owners.push(attempt.owner);
                Ok(())
            }
            Fact::LockLost { attempt, .. } => {
                self.locks.entry(*attempt).and_modify(|(_, held)| *held = false);
                Ok(())
            }
            Fact::Acted { attempt } => match self.locks.get(attempt) {
                Some((rank, true)) if self.owners[*rank..].iter().all(|owner| *owner == attempt.owner) => Ok(()),
                Some((rank, _)) => Err(format!("{attempt} is lock {rank} of {}", self.owners.len())),
                None => Err(format!("{attempt} was never taken")),
            },
            _ => Ok(()),
        }
    }
}

hand_in!("test-one-holder", Watcher::<Registrar>::default());
