//! Reductions search fewer states, and reach the same verdicts.

use quorate_lab::check::{Bounds, CheckError, CrashPoints, Reductions, Search, SearchReport, SearchVerdict};
use quorate_protocol::NodeId;

use crate::poll::{CORRECT, PollCluster, Rules, stands, two_stand};

const THREE: [NodeId; 3] = [NodeId(0), NodeId(1), NodeId(2)];

fn run(cluster: &PollCluster) -> SearchReport<PollCluster> {
    Search::new(cluster).goal("somebody leads", |state| !state.invariants().0.is_empty()).run().unwrap()
}

/// Result of a search: the length of the shortest violation, and of the shortest run to the goal.
fn verdict(report: &SearchReport<PollCluster>) -> (Option<usize>, Option<usize>) {
    let exhausted = matches!(report.verdict, SearchVerdict::Exhausted);
    let broken = report.counterexample().map(|path| path.steps.len());
    assert_eq!(exhausted, broken.is_none(), "{report}");
    (broken, report.goals[0].path.as_ref().map(|path| path.steps.len()))
}

/// Each reduction by itself.
fn only() -> [Reductions; 3] {
    let none = Reductions::NONE;
    [Reductions { idle: true, ..none }, Reductions { losses: true, ..none }, Reductions { order: true, ..none }]
}

/// Correct and broken rules, under faults that matter to them.
fn suite() -> Vec<(Rules, Bounds<crate::poll::Poll>)> {
    let crash_points = CrashPoints { between_sends: false, ..CrashPoints::ALL };
    let crash = || Bounds { crashes: 1, restarts: 1, crash_points, ..Bounds::default() };
    let lossy = || Bounds { drops: 1, duplicates: 1, firings: 1, ..Bounds::default() };
    let rules = [CORRECT, Rules { durable: false, ..CORRECT }, Rules { once: false, ..CORRECT }];
    rules.into_iter().flat_map(|rules| [(rules, crash()), (rules, lossy())]).collect()
}

#[test]
fn the_verdict_and_the_shortest_length_stay_the_same() {
    let mut broken = Vec::new();
    for (rules, bounds) in suite() {
        let all = run(&two_stand(rules, bounds.clone()).reductions(Reductions::NONE));
        broken.push(verdict(&all).0);
        for reductions in only().into_iter().chain([Reductions::ALL]) {
            let less = run(&two_stand(rules, bounds.clone()).reductions(reductions));
            assert_eq!(verdict(&less), verdict(&all), "{rules:?} {bounds:?} {reductions:?}");
            assert!(less.progress.unique <= all.progress.unique && less.progress.generated <= all.progress.generated);
        }
        let symmetric = run(&two_stand(rules, bounds.clone()).symmetric(&[THREE.to_vec()]).unwrap());
        assert_eq!(verdict(&symmetric), verdict(&all), "{rules:?} {bounds:?}");
    }
    assert_eq!(
        broken,
        [None, None, Some(12), None, None, Some(11)],
        "crashes break what forgets, repetitions what miscounts"
    );
}

#[test]
fn each_reduction_saves_something() {
    let bounds = || suite().remove(1).1;
    let with = |reductions| run(&two_stand(CORRECT, bounds()).reductions(reductions)).progress;
    let none = with(Reductions::NONE);
    let [idle, losses, order] = only().map(with);
    let all = with(Reductions::ALL);
    for (less, more) in [(all, idle), (all, losses), (idle, none), (losses, none)] {
        assert!(less.unique < more.unique, "{less} {more}");
    }
    assert_eq!((order.unique, order.depth), (none.unique, none.depth), "all states stay");
    // Here almost all steps are at one node after the other, so it saves little; on Paxos it saves
    // two thirds.
    assert!(order.generated < none.generated, "{order} {none}");
    let symmetric = run(&two_stand(CORRECT, bounds()).symmetric(&[THREE.to_vec()]).unwrap()).progress;
    assert!(symmetric.unique * 5 < all.unique, "six permutations of three nodes: {symmetric} of {all}");
}

#[test]
fn nodes_that_something_tells_apart_are_not_interchangeable() {
    let refused = |cluster: PollCluster, groups: &[Vec<NodeId>]| cluster.symmetric(groups).err().unwrap();
    let two = |bounds| two_stand(CORRECT, bounds);
    let named = stands(NodeId(0), CORRECT, Bounds::default());
    let why = |error: CheckError| error.to_string();
    assert!(why(refused(named, &[THREE.to_vec()])).ends_with("a request is addressed to one of them"));
    assert!(
        why(refused(two(Bounds { crashes: 1, ..Bounds::default() }), &[THREE.to_vec()]))
            .contains("crash between two sends")
    );
    assert!(
        why(refused(two(Bounds::default()), &[THREE.to_vec(), vec![NodeId(1)]])).ends_with("a node is named twice")
    );
    assert_eq!(refused(two(Bounds::default()), &[vec![NodeId(3)]]), CheckError::NoSuchNode(NodeId(3)));
}
