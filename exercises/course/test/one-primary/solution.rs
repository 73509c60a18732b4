//! Invariant: at most one primary at a time (mutual exclusion).

use std::collections::BTreeMap;

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// At most one node is primary at any instant (Leases §2).
#[derive(Clone, Default)]
struct OnePrimary {
    /// The grants, in the order in which they were first observed.
    grants: Vec<(NodeId, Token)>,
    /// Index of the latest grant under which a node has been primary.
    begun: Option<usize>,
    /// The grant that each node has lost last.
    lost: BTreeMap<NodeId, Token>,
}

impl OnePrimary {
    fn rank(&mut self, grant: (NodeId, Token)) -> usize {
        self.grants.iter().position(|known| *known == grant).unwrap_or_else(|| {
            self.grants.push(grant);
            self.grants.len() - 1
        })
    }

    /// Records that the node is primary at this instant.
    fn reigns(&mut self, node: NodeId, token: Token) -> Result<(), String> {
        let rank = self.rank((node, token));
        match self.begun {
            Some(latest) if latest > rank && self.grants[latest].0 != node => {
                let (other, theirs) = self.grants[latest];
                Err(format!("{node} is primary under {token}, and {other} has been under {theirs}, a later grant"))
            }
            _ => {
                self.begun = self.begun.max(Some(rank));
                Ok(())
            }
        }
    }
}

impl Watch for OnePrimary {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        match *fact {
            Fact::LeaseGranted { lease: LeaseId::Primary, holder, token, .. } => {
                self.rank((holder, token));
                Ok(())
            }
            Fact::LeaseHeld { lease: LeaseId::Primary, token, .. } => {
                self.lost.remove(&node);
                self.reigns(node, token)
            }
            Fact::Acted { lease: LeaseId::Primary, token } if self.lost.get(&node) == Some(&token) => {
                Err(format!("{node} acted under {token}, which it had lost"))
            }
            Fact::Acted { lease: LeaseId::Primary, token } => self.reigns(node, token),
            Fact::LeaseLost { lease: LeaseId::Primary, token, .. } => {
                self.lost.insert(node, token);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

hand_in!("test-one-primary", Watcher::<OnePrimary>::default());
