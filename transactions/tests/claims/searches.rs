//! Every schedule within small bounds: the invariants hold by the book, and each decision of the
//! rulebook is needed.

use std::collections::BTreeMap;

use quorate_lab::check::{Bounds, Cluster, CrashPoints, Search, SearchReport};
use quorate_lab::env::Deployment;
use quorate_protocol::Ruling::Allow;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_transactions::two_phase::{
    BY_THE_BOOK, Command, Outcome, Rulebook, Safety, Settings, TwoPhase, TwoPhaseRule,
};

use crate::common::{T, change};

type Shop = Cluster<TwoPhase, Safety>;

/// A coordinator and participants, each of which loses six of ten in every transaction.
fn cluster(rules: Rulebook, participants: u32, requests: u32, bounds: Bounds<TwoPhase>) -> Shop {
    let nodes: Vec<NodeId> = (1..=participants).map(NodeId).collect();
    let changes: BTreeMap<_, _> = nodes.iter().map(|node| (*node, change("x", -6))).collect();
    let config = Settings { ask_others: true, ..Settings::new(T, nodes.clone()) }.build().unwrap();
    let names = Names::new(["T", "P", "Q", "R"].into_iter().take(1 + nodes.len()), ["c1", "c2"]);
    let mut bounds = Bounds { crash_points: CrashPoints::NONE, ..bounds };
    for client in 0..requests {
        bounds = bounds.request(ClientId(client), Some(T), Command::Transact { changes: changes.clone() });
    }
    let setup = Deployment::<TwoPhase>::new("two-phase", names, config).under(rules);
    Cluster::new(setup, Safety::default(), bounds).unwrap().symmetric(&[nodes]).unwrap()
}

fn search(cluster: &Shop) -> SearchReport<Shop> {
    let commits = |node: &TwoPhase| node.outcomes().any(|(_, outcome)| outcome == Outcome::Commit);
    let search = Search::new(cluster).threads(1);
    search
        .goal("all commit", move |state| state.machines().skip(1).all(|node| node.is_some_and(commits)))
        .run()
        .unwrap()
}

#[test]
fn every_schedule_of_one_transaction_with_a_crash_and_two_timers_is_safe() {
    let bounds = Bounds { firings: 2, crashes: 1, restarts: 1, ..Bounds::default() };
    let report = search(&cluster(BY_THE_BOOK, 2, 1, bounds));
    assert!(report.passed(), "{report}");
}

#[test]
fn every_schedule_of_two_transactions_on_one_row_is_safe() {
    let bounds = Bounds { firings: 1, duplicates: 1, ..Bounds::default() };
    let report = search(&cluster(BY_THE_BOOK, 1, 2, bounds));
    assert!(report.passed(), "{report}");
}

/// Asserts that a broken rulebook violates the invariant.
fn breaks(rules: Rulebook, invariant: &str, participants: u32, requests: u32, bounds: Bounds<TwoPhase>) {
    let report = search(&cluster(rules, participants, requests, bounds));
    let path = report.counterexample().unwrap_or_else(|| panic!("{invariant}: {report}"));
    assert_eq!(path.end().broken().map(|(_, broken)| broken.invariant), Some(invariant));
}

#[test]
fn each_decision_is_needed() {
    let quiet = Bounds::default;
    let timer = || Bounds { firings: 1, ..Bounds::default() };
    let crash = || Bounds { crashes: 1, restarts: 1, ..Bounds::default() };
    let all = BY_THE_BOOK;
    let impatient = Rulebook { on_silence: || Allow(TwoPhaseRule::AbortPart), ..all };
    breaks(impatient, "SameOutcome", 2, 1, timer());
    breaks(Rulebook { writes_yes: || false, ..all }, "YesStays", 2, 1, crash());
    breaks(Rulebook { presumes: || Some(Outcome::Commit), ..all }, "CommitNeedsEveryYes", 2, 1, crash());
    breaks(Rulebook { forgets: |_, _| Allow(TwoPhaseRule::Forget), ..all }, "SameOutcome", 2, 1, timer());
    breaks(Rulebook { aborts_late: |_| Allow(TwoPhaseRule::AbortLate), ..all }, "SameOutcome", 2, 1, timer());
    breaks(Rulebook { commits: |_, _| Allow(TwoPhaseRule::DecideCommit), ..all }, "CommitNeedsEveryYes", 2, 1, quiet());
    let twice = Bounds { duplicates: 1, ..Bounds::default() };
    breaks(Rulebook { counts: |_| Allow(TwoPhaseRule::CountVote), ..all }, "CommitNeedsEveryYes", 2, 1, twice);
    breaks(Rulebook { locks: |_| Allow(TwoPhaseRule::LockRow), ..all }, "AmountsAddUp", 1, 2, quiet());
    breaks(Rulebook { votes: |_, _| Allow(TwoPhaseRule::VoteYes), ..all }, "AmountsAddUp", 1, 2, quiet());
    breaks(Rulebook { keeps_lock: || false, ..all }, "AmountsAddUp", 1, 2, timer());
    breaks(Rulebook { locks_again: || false, ..all }, "AmountsAddUp", 1, 2, crash());
    breaks(Rulebook { next_life: |_| 1, ..all }, "CommitNeedsEveryYes", 1, 2, crash());
    breaks(Rulebook { remembers_abort: || false, ..all }, "SameOutcome", 2, 1, timer());
    breaks(Rulebook { takes: |_, told| BY_THE_BOOK.takes(None, told), ..all }, "SameOutcome", 2, 1, timer());
    let both = Bounds { firings: 1, ..crash() };
    breaks(Rulebook { writes_commit: || false, ..all }, "SameOutcome", 2, 1, both);
}
