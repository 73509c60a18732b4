//! Every schedule of the normal case within stated bounds, f = 1: one view, no timer.

use quorate_byzantine::pbft::{BY_THE_BOOK, Command, Lie, Pbft, Rulebook, Safety};
use quorate_lab::check::{Bounds, Cluster, Search, SearchReport};
use quorate_protocol::{ClientId, NodeId};

use super::{P, R, settings, setup};

type Model = Cluster<Pbft, Safety>;

/// Requests of so many clients. Honest backups are interchangeable, as no view ends; a liar tells
/// odd ids from even ones.
fn cluster(rules: Rulebook, liars: &[(NodeId, Lie)], clients: u32, alike: &[NodeId]) -> Model {
    let mut bounds = Bounds::default();
    for client in 0..clients {
        bounds = bounds.request(ClientId(client), Some(P), Command::Add { amount: 1 << client });
    }
    let setup = setup(settings(), rules, liars);
    Cluster::new(setup, Safety::default(), bounds).unwrap().symmetric(&[alike.to_vec()]).unwrap()
}

fn search(cluster: &Model, depth: u32) -> SearchReport<Model> {
    let executed = |node: Option<&Pbft>| node.is_some_and(|node| node.executed() > 0);
    Search::new(cluster)
        .threads(1)
        .depth(depth)
        .goal("a replica executes", move |state| state.machines().any(executed))
        .run()
        .unwrap()
}

/// The number of states, if nothing is broken.
fn states(report: &SearchReport<Model>) -> Option<u64> {
    report.counterexample().is_none().then_some(report.progress.unique)
}

/// The three others are a quorum of 2f+1: all of them are needed.
#[test]
fn every_schedule_of_a_request_with_a_silent_backup_is_safe() {
    let report = search(&cluster(BY_THE_BOOK, &[(R[3], Lie::Silent)], 1, &R[1..3]), 60);
    assert!(report.passed(), "{report}");
    assert_eq!((report.progress.unique, report.progress.depth), (7013, Some(22)));
}

#[test]
fn every_schedule_of_a_request_is_safe_to_depth_14() {
    let report = search(&cluster(BY_THE_BOOK, &[], 1, &R[1..]), 14);
    assert_eq!(states(&report), Some(51_245), "{report}");
    assert!(report.goals[0].path.is_some(), "a replica executes within that depth");
}

#[test]
fn every_schedule_with_a_lying_backup_is_safe_to_depth_10() {
    let counts = Lie::ALL.map(|lie| {
        let report = search(&cluster(BY_THE_BOOK, &[(R[2], lie)], 1, &[R[1], R[3]]), 10);
        states(&report).unwrap_or_else(|| panic!("{lie}: {report}"))
    });
    assert_eq!(counts, [734, 5404, 8644, 31_496, 7119], "silent, equivocating, forging, replaying, colluding");
}

#[test]
fn every_schedule_with_a_lying_primary_is_safe_to_depth_9() {
    let counts = Lie::ALL.map(|lie| {
        let report = search(&cluster(BY_THE_BOOK, &[(R[0], lie)], 2, &[R[1], R[3]]), 9);
        states(&report).unwrap_or_else(|| panic!("{lie}: {report}"))
    });
    assert_eq!(counts, [10, 8766, 8930, 58_995, 9906], "silent, equivocating, forging, replaying, colluding");
}
