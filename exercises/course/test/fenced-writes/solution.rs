//! Late writes are refused: an invariant.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

/// What the resource accepts never goes back to an earlier grant (Kleppmann 2016).
#[derive(Clone, Default)]
struct FencedWrites {
    /// The tokens of the primary grants, in the order in which they were made.
    grants: Vec<Token>,
    /// The place of the grant that was written for last.
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
