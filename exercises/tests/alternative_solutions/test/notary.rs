//! Alternative watcher of outcomes: keeps all facts about each transaction, and looks through them.

use std::collections::BTreeMap;

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

#[derive(Clone, Default)]
struct Notary(BTreeMap<Txn, Vec<(NodeId, Fact)>>);

impl Watch for Notary {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        let (Fact::Began { txn, .. }
        | Fact::Prepared { txn, .. }
        | Fact::Blocked { txn, .. }
        | Fact::Decided { txn, .. }
        | Fact::Finished { txn, .. }) = fact;
        let page = self.0.entry(*txn).or_default();
        page.push((node, fact.clone()));
        let says = |wanted| {
            page.iter().any(|(_, fact)| {
                matches!(fact, Fact::Decided { outcome, .. } | Fact::Finished { outcome, .. } if *outcome == wanted)
            })
        };
        if says(Outcome::Commit) && says(Outcome::Abort) {
            return Err(format!("{txn} is committed and aborted"));
        }
        let said_yes = |who: &NodeId| page.iter().any(|(node, fact)| node == who && matches!(fact, Fact::Prepared { .. }));
        let all = page.iter().find_map(|(_, fact)| match fact {
            Fact::Began { participants, .. } => Some(participants.iter().all(said_yes)),
            _ => None,
        });
        if says(Outcome::Commit) && all == Some(false) { Err(format!("{txn} lacks a yes")) } else { Ok(()) }
    }
}

hand_in!("test-one-outcome", Watcher::<Notary>::default());
