//! Invariant: committed entries never change.

use std::collections::BTreeMap;

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// At one index, only one entry is committed and applied (Raft Figure 3).
#[derive(Clone, Default)]
struct CommittedStays {
    committed: BTreeMap<LogIndex, (Term, Payload<KeyValue>)>,
}

impl Watch for CommittedStays {
    type Fact = Fact<KeyValue>;

    fn see(&mut self, node: NodeId, fact: &Fact<KeyValue>) -> Result<(), String> {
        match fact {
            Fact::Committed { index, term, command } => {
                let entry = (*term, command.clone());
                let first = self.committed.entry(*index).or_insert_with(|| entry.clone());
                if *first == entry {
                    return Ok(());
                }
                Err(format!("{node} has {command:?} of term {term} at {index}, where {first:?} was committed"))
            }
            Fact::Applied { index, command } => match self.committed.get(index) {
                Some((term, first)) if first != command => Err(format!(
                    "{node} has applied {command:?} at {index}, where {first:?} of term {term} was committed"
                )),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

hand_in!("test-committed-stays", Watcher::<CommittedStays>::default());
