//! Nothing older, by a student who numbers what happens, and looks back.

use quorate_exercises::build::RequestId;
use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::register::*;

#[derive(Clone, Default)]
struct Timekeeper {
    now: usize,
    begun: Vec<(RequestId, usize)>,
    ended: Vec<(usize, Key, Option<Stamp>)>,
}

impl Timekeeper {
    fn ends(&mut self, ticket: RequestId, key: &Key, stamp: Option<Stamp>) -> Result<(), String> {
        let begun = self.begun.iter().find(|(of, _)| *of == ticket).map_or(0, |(_, at)| *at);
        let before = self.ended.iter().filter(|(at, of, _)| *at < begun && of == key);
        let is_old = before.clone().any(|(.., newest)| stamp < *newest);
        self.ended.push((self.now, key.clone(), stamp));
        if is_old { Err(format!("{ticket} has missed a version of {key}")) } else { Ok(()) }
    }
}

impl Watch for Timekeeper {
    type Fact = Fact;

    fn see(&mut self, _: NodeId, fact: &Fact) -> Result<(), String> {
        self.now += 1;
        match fact {
            Fact::Began { ticket, .. } if self.begun.iter().all(|(of, _)| of != ticket) => {
                self.begun.push((*ticket, self.now));
                Ok(())
            }
            Fact::Wrote { ticket, key, stamp, .. } => self.ends(*ticket, key, Some(*stamp)),
            Fact::Returned { ticket, key, stamps } => self.ends(*ticket, key, stamps.last().copied()),
            _ => Ok(()),
        }
    }
}

hand_in!("test-no-older-read", Watcher::<Timekeeper>::default());
