//! Handles to states that an answer's process keeps, by number.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::link::Link;
use super::present::present;
use super::talk::Put;

/// State kept by the answer's process. A clone shares it until one of the two changes
/// (copy-on-write).
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
    /// Creates a new state.
    pub(super) fn new(link: Arc<Link>) -> Self {
        let number = link.state();
        State(Arc::new(Held { link, number }))
    }

    /// Creates a new state of the answer that is being graded.
    pub(super) fn fresh() -> Self {
        State::new(present())
    }

    /// Number of the state.
    pub(super) fn number(&self) -> u64 {
        self.0.number
    }

    /// Asks a question that does not change the state.
    pub(super) fn ask<T: DeserializeOwned>(&self, what: &str, given: &impl Serialize) -> T {
        self.0.link.ask(Put { state: self.0.number, from: None, what }, given)
    }

    /// Asks a question that changes this state, and none of its clones.
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

    /// Link to the answer's process.
    pub(super) fn link(&self) -> &Arc<Link> {
        &self.0.link
    }
}
