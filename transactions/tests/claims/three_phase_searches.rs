//! Exhaustive searches of three-phase commit, with and without its assumption: Skeen 1981 §5 to §7,
//! BHG §7.5.

use std::collections::BTreeMap;

use quorate_lab::check::{Bounds, Cluster, CrashPoints, Search, SearchReport};
use quorate_lab::env::Deployment;
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_transactions::AtomicCommit;
use quorate_transactions::three_phase::{
    BY_THE_BOOK, ConfigError, Rulebook, Settings, ThreePhase, ThreePhaseRule, silence_means_a_crash,
};
use quorate_transactions::two_phase::{Command, Safety};

use crate::common::{change, ms};

const T: NodeId = NodeId(0);

type Shop = Cluster<ThreePhase, Safety>;

/// Coordinator T, and participants that are interchangeable. Nodes crash at any moment, and timers
/// fire as often as they like.
fn cluster(rules: Rulebook, participants: u32, crashes: u32, restarts: u32) -> Shop {
    let nodes: Vec<NodeId> = (1..=participants).map(NodeId).collect();
    let changes: BTreeMap<_, _> = nodes.iter().map(|node| (*node, change("x", -6))).collect();
    let config = Settings::new(T, nodes.clone()).build().unwrap();
    let names = Names::new(["T", "P", "Q", "R"].into_iter().take(1 + nodes.len()), ["c1"]);
    let bounds = Bounds {
        firings: 6,
        crashes,
        restarts,
        drops: crashes,
        crash_points: CrashPoints { between_sends: false, ..CrashPoints::ALL },
        ..Bounds::default()
    };
    let bounds = bounds.request(ClientId(0), Some(T), Command::Transact { changes });
    let setup = Deployment::<ThreePhase>::new("three-phase", names, config).under(rules);
    Cluster::new(setup, Safety::default(), bounds).unwrap().symmetric(&[nodes]).unwrap()
}

fn search(cluster: &Shop) -> SearchReport<Shop> {
    Search::new(cluster).threads(1).run().unwrap()
}

#[test]
fn every_schedule_in_a_synchronous_network_is_safe() {
    let states = [(2, 2, 1), (3, 2, 0), (2, 3, 2)].map(|(participants, crashes, restarts)| {
        let report = search(&cluster(BY_THE_BOOK, participants, crashes, restarts).timely(silence_means_a_crash));
        assert!(report.passed(), "{report}");
        report.progress.unique
    });
    assert_eq!(states, [2_810, 1_325, 36_837], "for participants, crashes and restarts");
}

/// If a timer may fire while the coordinator is alive, no crash and no loss is needed.
#[test]
fn without_its_assumption_two_sides_decide_differently() {
    breaks(&cluster(BY_THE_BOOK, 2, 0, 0), "SameOutcome");
}

/// Asserts that the search finds a violation of that invariant.
fn breaks(cluster: &Shop, invariant: &str) {
    let report = search(cluster);
    let path = report.counterexample().unwrap_or_else(|| panic!("{invariant}: {report}"));
    assert_eq!(path.end().broken().map(|(_, broken)| broken.invariant), Some(invariant));
}

#[test]
fn each_decision_is_needed() {
    let all = BY_THE_BOOK;
    let timely = |rules, crashes, restarts| cluster(rules, 2, crashes, restarts).timely(silence_means_a_crash);
    breaks(&timely(Rulebook { pre_commits: || false, ..all }, 1, 0), "SameOutcome");
    let hasty = Rulebook { terminates: |_, _| Allow(ThreePhaseRule::MoveToPreCommit), ..all };
    breaks(&timely(hasty, 2, 0), "CommitNeedsEveryYes");
    breaks(&timely(Rulebook { moves_others_first: || false, ..all }, 2, 0), "SameOutcome");
    let first = Rulebook { all_acknowledged: |_, _| Allow(ThreePhaseRule::DecideCommit), ..all };
    breaks(&timely(first, 2, 0), "SameOutcome");
    let alone = Rulebook { aborts_after_restart: |_, _| Allow(ThreePhaseRule::AbortAfterTotalFailure), ..all };
    breaks(&timely(alone, 1, 1), "SameOutcome");
    breaks(&timely(Rulebook { takes_part_after_restart: || true, ..all }, 3, 1), "SameOutcome");
    let presumes = Rulebook { coordinator_asks: || Refuse(ThreePhaseRule::AbortLate), ..all };
    breaks(&timely(presumes, 1, 1), "SameOutcome");
}

/// The nonblocking property: whatever crashes, a participant that was up all the time can go on by
/// its timer until it is out of doubt.
#[test]
fn whoever_is_up_ends_the_transaction() {
    let cluster = cluster(BY_THE_BOOK, 2, 2, 0).timely(silence_means_a_crash);
    let search = Search::new(&cluster).threads(1);
    let alone = |state: &<Shop as quorate_lab::check::Model>::State| {
        let up: Vec<&ThreePhase> = state.machines().flatten().collect();
        up.len() == 1
            && state.machine(T).is_none()
            && up[0].in_doubt().next().is_none()
            && up[0].outcomes().count() == 1
    };
    let report = search.goal("one is left, and has an outcome", alone).run().unwrap();
    assert!(report.passed(), "{report}");
}

#[test]
fn a_configuration_without_meaning_is_refused() {
    let refused = |settings: Settings| settings.build().unwrap_err();
    let usual = || Settings::new(T, [NodeId(1), NodeId(2)]);
    assert_eq!(refused(Settings::new(T, [])), ConfigError::NoParticipants);
    assert_eq!(refused(Settings::new(T, [NodeId(1), T])), ConfigError::BothRoles { node: T });
    assert_eq!(refused(Settings::new(T, [NodeId(1); 2])), ConfigError::NamedTwice { node: NodeId(1) });
    assert_eq!(refused(Settings { opening: -1, ..usual() }), ConfigError::Negative { opening: -1 });
    assert_eq!(refused(Settings { retry: ms(0), ..usual() }), ConfigError::NoTime { what: "retry interval" });
    let hasty = Settings { silence: ms(100), ..usual() };
    let error = ConfigError::TooImpatient { silence: ms(100), answer_timeout: ms(100) };
    assert_eq!(refused(hasty), error);
    assert!(error.to_string().contains("100ms"), "{error}");
}
