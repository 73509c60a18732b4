//! States that an answer's process keeps: here they are numbers.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::link::Link;
use super::present::present;
use super::talk::Put;

/// A state that the answer's process keeps. A clone is the same state until one of the two changes.
#[derive(Clone, Debug)]
pub(super) struct State(Arc<Held>);

#[derive(Debug)]
struct Held {
    link: Arc<Link>,
    number: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.link.gone(self.number);
    }
}

impl State {
    /// A state that nobody knows yet.
    pub(super) fn new(link: Arc<Link>) -> Self {
        let number = link.state();
        State(Arc::new(Held { link, number }))
    }

    /// The same, of the answer that is being graded.
    pub(super) fn fresh() -> Self {
        State::new(present())
    }

    /// Its number.
    pub(super) fn number(&self) -> u64 {
        self.0.number
    }

    /// Asks it something that does not change it.
    pub(super) fn ask<T: DeserializeOwned>(&self, what: &str, given: &impl Serialize) -> T {
        self.0.link.ask(Put { state: self.0.number, from: None, what }, given)
    }

    /// Asks it something that changes it: this one alone, and none of its clones.
    pub(super) fn change<T: DeserializeOwned>(&mut self, what: &str, given: &impl Serialize) -> T {
        let from = (Arc::strong_count(&self.0) > 1).then_some(self.0.number);
        if from.is_none() {
            return self.ask(what, given);
        }
        let own = State::new(self.0.link.clone());
        let answer = own.0.link.ask(Put { state: own.0.number, from, what }, given);
        *self = own;
        answer
    }

    /// The link that it is asked through.
    pub(super) fn link(&self) -> &Arc<Link> {
        &self.0.link
    }
}
