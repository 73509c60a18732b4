//! Invariant: nothing older.

use std::collections::BTreeMap;

use quorate_exercises::build::RequestId;
use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

/// No operation completes with something older than what was complete when it began (ABD §3).
#[derive(Clone, Default)]
struct NothingOlder {
    /// The newest version of each key with which an operation is complete.
    complete: BTreeMap<Key, Stamp>,
    /// The same, when each operation began.
    floors: BTreeMap<RequestId, Option<Stamp>>,
}

impl Watch for NothingOlder {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        let (ticket, key, stamp) = match fact {
            Fact::Began { ticket, key } => {
                self.floors.entry(*ticket).or_insert(self.complete.get(key).copied());
                return Ok(());
            }
            Fact::Wrote { ticket, key, stamp, .. } => (ticket, key, Some(*stamp)),
            Fact::Returned { ticket, key, stamps } => (ticket, key, stamps.last().copied()),
            _ => return Ok(()),
        };
        let floor = self.floors.get(ticket).copied().flatten();
        // Nothing at all is older than every stamp.
        if stamp < floor {
            return Err(format!("{node} ends an operation on {key} with {stamp:?}, and {floor:?} was complete before"));
        }
        let newest = self.complete.get(key).copied();
        if let Some(newest) = newest.max(stamp) {
            self.complete.insert(key.clone(), newest);
        }
        Ok(())
    }
}

hand_in!("test-no-older-read", Watcher::<NothingOlder>::default());
