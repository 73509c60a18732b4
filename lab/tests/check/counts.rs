//! Counts are exact: those that are published, and those that Stateright finds on the same models.

use std::fmt::Debug;
use std::hash::Hash;

use quorate_lab::check::{Model, Report, Search, Verdict};
use stateright::Checker;

use crate::models::two_phase::{Manager, State};
use crate::models::{Paxos, TwoPhase};

/// Explores a model here and with Stateright; the counts must be the same. Stateright and TLC count the states of a run, we its steps.
fn explored<M, S>(model: M) -> Report<M>
where
    M: Model<State = S> + stateright::Model<State = S> + Send + Copy + 'static,
    S: Clone + Debug + Hash + PartialEq + Send + Sync + 'static,
    <M as stateright::Model>::Action: Clone + Debug + PartialEq,
{
    let report = Search::new(&model).run().unwrap();
    let other = stateright::Model::checker(model).spawn_bfs().join();
    assert_eq!(report.progress.unique, other.unique_state_count() as u64);
    assert_eq!(report.progress.generated, other.state_count() as u64);
    assert_eq!(report.progress.depth.map(|depth| depth as usize + 1), Some(other.max_depth()));
    report
}

#[test]
fn two_phase_commit_has_as_many_states_as_tlc_and_stateright_find() {
    for (managers, states) in [(3, 288), (4, 1_568), (5, 8_832)] {
        let report = explored(TwoPhase { managers });
        assert!(matches!(report.verdict, Verdict::Exhausted), "{report}");
        assert_eq!(report.progress.unique, states);
    }
}

#[test]
fn single_decree_paxos_has_as_many_states_as_tlc_and_stateright_find() {
    let report = explored(Paxos { values: 2, ballots: 2 });
    assert!(matches!(report.verdict, Verdict::Exhausted), "{report}");
    assert_eq!(
        (report.progress.unique, report.progress.depth),
        (3_921, Some(16)),
        "TLC says depth 17: it counts states"
    );
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
