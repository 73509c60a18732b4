//! Basic Paxos, as implemented, under every schedule within bounds.

use quorate_lab::check::{Bounds, Cluster, CrashPoints, Reductions, Search, SearchReport, SearchVerdict};
use quorate_lab::env::Deployment;
use quorate_paxos::invariants::{Safety, invariants};
use quorate_paxos::{BY_THE_BOOK, Command, Config, Paxos, PaxosRule, Rulebook, Value};
use quorate_protocol::{ClientId, Names, NodeId, Ruling};

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);
const ACCEPTORS: [NodeId; 3] = [NodeId(2), NodeId(3), NodeId(4)];

type PaxosCluster = Cluster<Paxos, Safety>;

/// Proposers A and B, acceptors X, Y and Z; ann asks A for 8, and bob asks B for 9. There are no
/// learners: the votes show the chosen value.
fn duel(rules: Rulebook, bounds: Bounds<Paxos>) -> PaxosCluster {
    let config = Config::builder([A, B], ACCEPTORS, []).catch_up(None).build().unwrap();
    let setup =
        Deployment::new("paxos", Names::new(["A", "B", "X", "Y", "Z"], ["ann", "bob"]), config.clone()).under(rules);
    let ask = |value: u64| Command::Propose { value: Value::from(value), round: None };
    let bounds = bounds.request(ClientId(0), Some(A), ask(8)).request(ClientId(1), Some(B), ask(9));
    Cluster::new(setup, invariants(&config), bounds).unwrap()
}

fn searched(cluster: &PaxosCluster) -> SearchReport<PaxosCluster> {
    let chosen = |value: u64| move |choice: &Value| *choice == Value::from(value);
    Search::new(cluster)
        .goal("8 is chosen", move |state| state.invariants().0.chosen().values().any(|(_, it)| chosen(8)(it)))
        .goal("9 is chosen", move |state| state.invariants().0.chosen().values().any(|(_, it)| chosen(9)(it)))
        .run()
        .unwrap()
}

#[test]
fn two_proposers_and_three_acceptors_with_a_crash_are_exhausted() {
    let quiet = searched(&duel(BY_THE_BOOK, Bounds::default()));
    assert!(quiet.passed() && matches!(quiet.verdict, SearchVerdict::Exhausted), "{quiet}");
    assert_eq!((quiet.progress.unique, quiet.progress.depth), (30_160, Some(19)));
    let ordered = Reductions { order: false, ..Reductions::ALL };
    let every_order = searched(&duel(BY_THE_BOOK, Bounds::default()).reductions(ordered)).progress;
    // The invariants remember which of two ballots chose the value first, but only for their
    // messages.
    assert_eq!((every_order.unique, every_order.depth), (30_697, Some(19)));
    assert!(quiet.progress.generated * 5 < every_order.generated * 2, "{} {every_order}", quiet.progress);
    let crash = Bounds { crashes: 1, restarts: 1, crash_points: CrashPoints::NONE, ..Bounds::default() };
    let crashed = searched(&duel(BY_THE_BOOK, crash));
    assert!(crashed.passed() && matches!(crashed.verdict, SearchVerdict::Exhausted), "{crashed}");
}

const NO_PROMISE_CHECK: Rulebook = Rulebook { accept: |_, _, _| Ruling::Allow(PaxosRule::Accept), ..BY_THE_BOOK };
const OWN_VALUE: Rulebook = Rulebook { value_to_propose: |_| None, ..BY_THE_BOOK };

/// Returns the length of the shortest run that chooses two values, and the number of states.
fn breaks(rules: Rulebook, reductions: Reductions) -> (usize, u64) {
    let cluster = duel(rules, Bounds::default()).reductions(reductions);
    let report = searched(&cluster);
    let SearchVerdict::Broken { broken, path } = &report.verdict else { panic!("{report}") };
    assert_eq!(broken.invariant, "AtMostOneChosen");
    assert!(cluster.replay(path).unwrap().len() > path.steps.len());
    (path.steps.len(), report.progress.unique)
}

#[test]
fn what_departs_from_the_paper_chooses_two_values_and_reductions_do_not_hide_it() {
    let (steps, all) = breaks(OWN_VALUE, Reductions::NONE);
    let (reduced_steps, reduced) = breaks(OWN_VALUE, Reductions::ALL);
    assert_eq!((steps, reduced_steps), (14, 14));
    assert!(reduced < all);
    assert_eq!(breaks(NO_PROMISE_CHECK, Reductions::NONE).0, breaks(NO_PROMISE_CHECK, Reductions::ALL).0);
}
