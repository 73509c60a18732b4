//! Invariant: late writes are refused.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// The resource never accepts a write of an earlier grant than before (Kleppmann 2016).
#[derive(Clone, Default)]
struct FencedWrites {
    /// The tokens of the primary grants, in the order in which they were made.
    grants: Vec<Token>,
    /// Index of the grant of the last accepted write.
    last: Option<usize>,
}

impl Watch for FencedWrites {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        match fact {
            Fact::LeaseGranted { lease: LeaseId::Primary, token, .. } => {
                if !self.grants.contains(token) {
                    self.grants.push(*token);
                }
                Ok(())
            }
            Fact::WriteAccepted { token, .. } => {
                let place = self.grants.iter().position(|known| known == token);
                if place.is_none() {
                    return Err(format!("{node} accepted a write under {token}, which no primary was granted"));
                }
                if place < self.last {
                    return Err(format!("{node} accepted a write under {token} after one of a later grant"));
                }
                self.last = place;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

hand_in!("test-fenced-writes", Watcher::<FencedWrites>::default());
