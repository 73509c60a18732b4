//! The same models for Stateright, unchanged.

use crate::models::{Paxos, TwoPhase, paxos, two_phase};

impl ::stateright::Model for TwoPhase {
    type State = two_phase::State;
    type Action = two_phase::Action;

    fn init_states(&self) -> Vec<two_phase::State> {
        vec![two_phase::State::default()]
    }

    fn actions(&self, state: &two_phase::State, actions: &mut Vec<two_phase::Action>) {
        self.enabled(state, actions);
    }

    fn next_state(&self, state: &two_phase::State, action: two_phase::Action) -> Option<two_phase::State> {
        Some(self.after(state, &action))
    }

    fn properties(&self) -> Vec<::stateright::Property<Self>> {
        vec![::stateright::Property::always("TCConsistent", |model: &TwoPhase, state| model.consistent(state))]
    }
}

impl ::stateright::Model for Paxos {
    type State = paxos::State;
    type Action = paxos::Action;

    fn init_states(&self) -> Vec<paxos::State> {
        vec![paxos::State::default()]
    }

    fn actions(&self, state: &paxos::State, actions: &mut Vec<paxos::Action>) {
        self.enabled(state, actions);
    }

    fn next_state(&self, state: &paxos::State, action: paxos::Action) -> Option<paxos::State> {
        Some(self.after(state, &action))
    }

    fn properties(&self) -> Vec<::stateright::Property<Self>> {
        vec![::stateright::Property::always("Agreement", |model: &Paxos, state| model.agrees(state))]
    }
}
