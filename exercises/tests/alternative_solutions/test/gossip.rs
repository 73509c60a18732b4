//! Alternative invariant that records every elected leader with its term in one list, and scans all
//! of it after each fact.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

#[derive(Clone, Default)]
struct Gossip(Vec<(NodeId, Term)>);

impl Watch for Gossip {
    type Fact = Fact<KeyValue>;

    fn see(&mut self, node: NodeId, fact: &Fact<KeyValue>) -> Result<(), String> {
        if let Fact::LeaderElected { term } = fact {
            self.0.push((node, *term));
        }
        for (one, term) in &self.0 {
            for (other, same) in &self.0 {
                if term == same && one < other {
                    return Err(format!("they say that {one} leads term {term}, and {other} too"));
                }
            }
        }
        Ok(())
    }
}

hand_in!("test-one-leader", Watcher::<Gossip>::default());
