//! Leases with a single granter, as implemented, on clocks that are slow, exact or fast.

use quorate_lab::check::{Bounds, Clocks, Cluster, Search, SearchReport, SearchVerdict};
use quorate_lab::env::Deployment;
use quorate_lease::invariants::{Safety, invariants};
use quorate_lease::{BY_THE_BOOK, Drift, Lease, Rulebook, Settings, Terms};
use quorate_protocol::{Duration, Names, NodeId, Time};

const Q: NodeId = NodeId(0);
const A: NodeId = NodeId(1);
const B: NodeId = NodeId(2);
/// Clock drift of up to a fifth.
const DRIFT: i32 = 200_000;

type LeaseCluster = Cluster<Lease, Safety>;

/// Q grants for 30 ms, which a fast clock counts in 25 ms of true time. Holders count 20 ms, which
/// takes a slow clock the same 25 ms. Two ticks are a little longer.
fn granter(rules: Rulebook, clocks: Clocks, pauses: u32) -> LeaseCluster {
    let ms = Duration::from_millis;
    let terms = Terms::new(ms(30), ms(20), ms(10), Drift::from_ppm(DRIFT as u32).unwrap()).unwrap();
    let config = Settings::new(Q, [A, B], terms).build().unwrap();
    let setup = Deployment::new("lease", Names::new(["Q", "A", "B"], [""; 0]), config).under(rules);
    Cluster::new(setup, invariants(), Bounds { clocks: Some(clocks), pauses, ..Bounds::default() }).unwrap()
}

fn ticks() -> Clocks {
    Clocks::exact(Duration::from_millis(13), 2)
}

fn searched(cluster: &LeaseCluster, depth: u32) -> SearchReport<LeaseCluster> {
    let acts = |state: &_, node| {
        let now = cluster.clock(state, node).expect("there is such a node");
        let cx = cluster.setup().constants.of(node, now);
        state.machine(node).is_some_and(|lease| lease.acts(&cx).is_some())
    };
    Search::new(cluster)
        .depth(depth)
        .goal("A may act", move |state| acts(state, A))
        .goal("B may act", move |state| acts(state, B))
        .run()
        .unwrap()
}

/// The holder ignores clock drift.
const NO_DRIFT_MARGIN: Rulebook = Rulebook { holder_term: |terms| terms.granter(), ..BY_THE_BOOK };

#[test]
fn without_a_margin_a_slow_holder_and_a_fast_granter_make_two_primaries() {
    let worst = Clocks { drifts: [(Q, vec![DRIFT]), (A, vec![-DRIFT])].into(), ..ticks() };
    let broken = searched(&granter(NO_DRIFT_MARGIN, worst, 0), 16);
    let SearchVerdict::Broken { broken, path } = &broken.verdict else { panic!("{broken}") };
    assert_eq!((broken.invariant, path.steps.len()), ("AtMostOnePrimary", 9));
    let right = searched(&granter(NO_DRIFT_MARGIN, Clocks { ticks: 3, ..ticks() }, 0), 11);
    assert!(right.counterexample().is_none(), "clocks that are right need no margin: {right}");
}

#[test]
fn the_book_is_safe_whatever_the_clocks_to_a_stated_depth() {
    let safe = searched(&granter(BY_THE_BOOK, ticks().within(DRIFT, [Q, A]), 0), 14);
    assert!(safe.passed(), "{safe}");
}

/// Deadlines are on the wall clock.
const WALL_CLOCK: Rulebook = Rulebook { clock: |now| now.wall, ..BY_THE_BOOK };

#[test]
fn setting_the_clock_breaks_whoever_trusts_the_wall_and_nobody_else() {
    let set = Clocks { jumps: 1, jump_by: vec![30_000_000], ..ticks() };
    let broken = searched(&granter(WALL_CLOCK, set.clone(), 0), 10);
    let SearchVerdict::Broken { broken, path } = &broken.verdict else { panic!("{broken}") };
    assert_eq!((broken.invariant, path.steps.len()), ("AtMostOnePrimary", 6));
    assert!(searched(&granter(BY_THE_BOOK, set, 0), 8).counterexample().is_none());
}

#[test]
fn time_waits_for_what_is_due_unless_the_node_is_paused() {
    let steps = |pauses| {
        let cluster = granter(BY_THE_BOOK, Clocks { ticks: 3, ..ticks() }, pauses);
        let late = |state: &_| cluster.clock(state, Q).is_some_and(|now| now.monotonic >= Time::from_millis(37));
        let report = Search::new(&cluster).goal("three ticks", late).until_reached().run().unwrap();
        cluster.describe(report.goals[0].path.as_ref().unwrap())
    };
    let awake = steps(0);
    assert!(awake.iter().filter(|line| *line == "fire Heartbeat on A").count() == 2, "{awake:?}");
    let paused = steps(2);
    assert!(paused.contains(&"pause A".to_owned()) && paused.len() < awake.len(), "{paused:?}");
}
