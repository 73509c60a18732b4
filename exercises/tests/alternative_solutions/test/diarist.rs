//! Alternative watcher of messages: keeps a diary, and asks it each time.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::outbox::*;
use quorate_exercises::prelude::*;

#[derive(Clone, Default)]
struct Diarist(Vec<Fact>);

impl Watch for Diarist {
    type Fact = Fact;

    fn see(&mut self, _: NodeId, fact: &Fact) -> Result<(), String> {
        let diary = &self.0;
        let complaint = match *fact {
            Fact::Placed { .. } => None,
            Fact::Queued { id } => {
                let placed = diary.iter().any(|fact| matches!(fact, Fact::Placed { id: of, .. } if *of == id));
                (!placed).then_some("an order that was never placed")
            }
            Fact::Deleted { id } => (!diary.contains(&Fact::Queued { id })).then_some("not queued"),
            Fact::Handled { id, .. } | Fact::Removed { id } => {
                let handled = diary.iter().any(|fact| matches!(fact, Fact::Handled { id: of, .. } if *of == id));
                let again = matches!(fact, Fact::Handled { .. });
                (handled == again).then_some(if again { "handled again" } else { "not handled" })
            }
        };
        self.0.push(fact.clone());
        complaint.map_or(Ok(()), |complaint| Err(format!("{fact:?}: {complaint}")))
    }
}

hand_in!("test-handed-on", Watcher::<Diarist>::default());
