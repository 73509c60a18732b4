//! Claims about sagas: Garcia-Molina and Salem 1987 §2 to §5, Helland 2007 §5.

use std::collections::BTreeMap;

use quorate_lab::check::{Bounds, Cluster, CrashPoints, Search, SearchReport};
use quorate_lab::env::Deployment;
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_transactions::saga::{BY_THE_BOOK, ConfigError, Rulebook, Safety, Saga, SagaRule, Settings};
use quorate_transactions::two_phase::Command;

use crate::common::{change, ms};

const O: NodeId = NodeId(0);
const P: NodeId = NodeId(1);
const Q: NodeId = NodeId(2);

type Shop = Cluster<Saga, Safety>;

/// Orchestrator O, and services of which all but the first can do one of two sagas.
fn cluster(rules: Rulebook, services: u32, requests: u32, bounds: Bounds<Saga>) -> Shop {
    let nodes: Vec<NodeId> = (1..=services).map(NodeId).collect();
    let by = |node: &NodeId| if *node == P { 1 } else { -6 };
    let changes: BTreeMap<_, _> = nodes.iter().map(|node| (*node, change("x", by(node)))).collect();
    let config = Settings::new(O, nodes.clone()).build().unwrap();
    let names = Names::new(["O", "P", "Q", "R"].into_iter().take(1 + nodes.len()), ["c1", "c2"]);
    let mut bounds = Bounds { crash_points: CrashPoints { before_persist: true, ..CrashPoints::NONE }, ..bounds };
    for client in 0..requests {
        bounds = bounds.request(ClientId(client), Some(O), Command::Transact { changes: changes.clone() });
    }
    let setup = Deployment::<Saga>::new("saga", names, config).under(rules);
    Cluster::new(setup, Safety::default(), bounds).unwrap()
}

fn search(cluster: &Shop) -> SearchReport<Shop> {
    Search::new(cluster).threads(1).run().unwrap()
}

#[test]
fn every_schedule_of_one_saga_with_a_crash_a_duplicate_and_two_timers_is_safe() {
    let bounds = Bounds { firings: 2, duplicates: 1, crashes: 1, restarts: 1, ..Bounds::default() };
    let report = search(&cluster(BY_THE_BOOK, 2, 1, bounds));
    assert!(report.passed(), "{report}");
    let found = (report.progress.unique, report.progress.generated, report.progress.depth);
    assert_eq!(found, (13_215, 34_749, Some(16)), "as many as `quorate check saga`");
}

#[test]
fn every_schedule_of_two_sagas_on_the_same_rows_is_safe() {
    let bounds = Bounds { firings: 1, ..Bounds::default() };
    let report = search(&cluster(BY_THE_BOOK, 2, 2, bounds));
    assert!(report.passed(), "{report}");
}

/// A saga gives up isolation: in some state one step is done and the other is not.
#[test]
fn others_see_half_a_saga() {
    let cluster = cluster(BY_THE_BOOK, 2, 1, Bounds::default());
    let half = |node: &Saga| node.changes().count();
    let search = Search::new(&cluster).threads(1);
    let report = search
        .goal("half", move |state| state.machine(P).map_or(0, half) == 1 && state.machine(Q).map_or(0, half) == 0)
        .run()
        .unwrap();
    assert!(report.passed(), "{report}");
}

/// Asserts that a broken rulebook violates the invariant.
fn breaks(rules: Rulebook, invariant: &str, services: u32, requests: u32, bounds: Bounds<Saga>) {
    let report = search(&cluster(rules, services, requests, bounds));
    let path = report.counterexample().unwrap_or_else(|| panic!("{invariant}: {report}"));
    assert_eq!(path.end().broken().map(|(_, broken)| broken.invariant), Some(invariant));
}

#[test]
fn each_decision_is_needed() {
    let timers = |firings| Bounds { firings, ..Bounds::default() };
    let all = BY_THE_BOOK;
    breaks(Rulebook { leaves_mark: || false, ..all }, "AllOrCompensated", 1, 1, timers(1));
    breaks(Rulebook { acts_after_undo: || Allow(SagaRule::Act), ..all }, "AllOrCompensated", 1, 1, timers(1));
    breaks(Rulebook { undone: |_, _, before| before, ..all }, "StepsAddUp", 2, 2, timers(1));
    breaks(Rulebook { undoes_next: |steps| steps.first().copied(), ..all }, "UndoneInReverse", 2, 1, timers(1));
    let endless = Rulebook { on_saga_timeout: |_, _| Allow(SagaRule::Compensate), ..all };
    breaks(endless, "AllOrCompensated", 2, 1, timers(1));
    let crash = Bounds { crashes: 1, restarts: 1, ..Bounds::default() };
    breaks(Rulebook { notes_in_one_write: || false, ..all }, "StepsAddUp", 1, 1, crash);
    let twice = Bounds { duplicates: 1, ..Bounds::default() };
    breaks(Rulebook { acts_again: || Allow(SagaRule::Act), ..all }, "StepsAddUp", 1, 1, twice);
    breaks(Rulebook { undoes_again: || Allow(SagaRule::Undo), ..all }, "StepsAddUp", 1, 1, timers(2));
}

#[test]
fn a_configuration_without_meaning_is_refused() {
    let refused = |settings: Settings| settings.build().unwrap_err();
    let usual = || Settings::new(O, [P, Q]);
    assert_eq!(refused(Settings::new(O, [])), ConfigError::NoServices);
    assert_eq!(refused(Settings::new(O, [P, O])), ConfigError::BothRoles { node: O });
    assert_eq!(refused(Settings::new(O, [P, Q, P])), ConfigError::NamedTwice { node: P });
    assert_eq!(refused(Settings { pivot: Some(O), ..usual() }), ConfigError::NoSuchPivot { node: O });
    assert_eq!(refused(Settings { opening: -1, ..usual() }), ConfigError::Negative { opening: -1 });
    assert_eq!(refused(Settings { limit: ms(0), ..usual() }), ConfigError::NoTime { what: "limit" });
    assert_eq!(refused(Settings { step_timeout: ms(0), ..usual() }), ConfigError::NoTime { what: "step timeout" });
}
