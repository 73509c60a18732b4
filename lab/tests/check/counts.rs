//! Exact counts of states: published ones, and those that Stateright 0.31 finds on the same models.
//!
//! `cargo bench --bench check`, in `benches/`, gives both checkers the same models and fails if a
//! count differs.

use std::collections::{HashSet, VecDeque};

use quorate_lab::check::{Model, Search, SearchProgress, SearchVerdict};

use crate::models::two_phase::{Manager, State};
use crate::models::{Paxos, TwoPhase};

/// Explores a model exhaustively.
fn explored(model: impl Model) -> SearchProgress {
    let report = Search::new(&model).run().unwrap();
    assert!(matches!(report.verdict, SearchVerdict::Exhausted));
    report.progress
}

#[test]
fn two_phase_commit_has_as_many_states_as_tlc_and_stateright_find() {
    for (managers, states, generated, depth) in [(3, 288, 1_146, 10), (4, 1_568, 8_258, 13), (5, 8_832, 58_146, 16)] {
        let found = explored(TwoPhase { managers });
        assert_eq!(
            (found.unique, found.generated, found.depth),
            (states, generated, Some(depth)),
            "{managers} managers"
        );
    }
}

#[test]
fn single_decree_paxos_has_as_many_states_as_tlc_and_stateright_find() {
    let found = explored(Paxos { values: 2, ballots: 2 });
    assert_eq!((found.unique, found.generated), (3_921, 22_995));
    assert_eq!(found.depth, Some(16), "TLC says depth 17: it counts states");
}

/// Counts states and transitions with a plain queue and set.
fn counted<M: Model<State: Eq + std::hash::Hash>>(model: &M) -> (u64, u64) {
    let mut seen: HashSet<M::State> = model.initial().into_iter().collect();
    let mut queue: VecDeque<M::State> = seen.iter().cloned().collect();
    let (mut actions, mut generated) = (Vec::new(), seen.len() as u64);
    while let Some(state) = queue.pop_front() {
        actions.clear();
        model.actions(&state, &mut actions);
        for next in actions.iter().filter_map(|action| model.next(&state, action)) {
            generated += 1;
            if seen.insert(next.clone()) {
                queue.push_back(next);
            }
        }
    }
    (seen.len() as u64, generated)
}

#[test]
fn three_ballots_of_paxos_have_as_many_states_as_stateright_and_a_queue_with_a_set_find() {
    let model = Paxos { values: 2, ballots: 3 };
    let found = explored(model);
    assert_eq!(found.unique, 185_369);
    assert_eq!((found.unique, found.generated), counted(&model));
}

#[test]
fn both_outcomes_of_two_phase_commit_are_reached() {
    let model = TwoPhase { managers: 3 };
    let all = |state: &State, what| state.managers[..3].iter().all(|manager| *manager == what);
    let report = Search::new(&model)
        .goal("all have committed", |state| all(state, Manager::Committed))
        .goal("all have aborted", |state| all(state, Manager::Aborted))
        .run()
        .unwrap();
    assert!(report.passed(), "{report}");
    let lengths: Vec<usize> = report.goals.iter().map(|goal| goal.path.as_ref().unwrap().steps.len()).collect();
    assert_eq!(lengths, [10, 3], "each prepares, is heard and commits, after one decision; each may abort by itself");
}
