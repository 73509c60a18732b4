//! Invariant: at most one leader per term (election safety).

use std::collections::BTreeMap;

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

/// At most one node is elected in a term (Raft Figure 3).
#[derive(Clone, Default)]
struct OneLeader {
    elected: BTreeMap<Term, NodeId>,
}

impl Watch for OneLeader {
    type Fact = Fact<KeyValue>;

    fn see(&mut self, node: NodeId, fact: &Fact<KeyValue>) -> Result<(), String> {
        let Fact::LeaderElected { term } = fact else { return Ok(()) };
        match self.elected.insert(*term, node) {
            Some(first) if first != node => Err(format!("{first} and {node} were both elected in term {term}")),
            _ => Ok(()),
        }
    }
}

hand_in!("test-one-leader", Watcher::<OneLeader>::default());
