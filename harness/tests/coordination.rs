//! Locks on a coordination service: the herd effect counted, and random runs that are safe and live
//! while the stated assumptions hold, and broken when one of them is dropped.
//!
//! `QUORATE_LOCK_SEEDS=10000` sets the number of runs by the book.

use std::collections::BTreeMap;

use quorate_harness::experiments::{Planned, Run, SimTarget};
use quorate_harness::protocols::{ChubbyLock, CoordinationKind, CoordinationOf, EtcdLock, ZooKeeperLock, registry};
use quorate_lab::script::{RunOptions, run_scenario};
use quorate_lab::sim::{Coverage, FaultPlan, RunVerdict};
use quorate_lease::{Drift, Terms};
use quorate_locks::coordination::{Belief, Coordination, CoordinationRule, Settings};
use quorate_locks::{Guard, LockRule};
use quorate_protocol::{Constants, Duration};

/// Asserts that when A unlocks, so many of those that wait for the lock are woken.
fn wakes(recipe: &str, waiters: usize, woken: usize) {
    let names: Vec<String> = (1..=waiters).map(|number| format!("W{number}")).collect();
    let all = names.iter().map(|name| format!("lock {name}\nrun\n")).collect::<String>();
    let text = format!(
        "# Herd\n\ncluster zookeeper servers=Z holders=A,{} recipe={recipe} session=60s\nfire Z Raft(Election)\nrun\n\
         lock A\nrun\n{all}expect rule=WaitForEvent count={waiters}\nexpect fact=Woken count=0\nunlock A\nrun\n\
         expect sent=Event count={woken}\nexpect fact=Woken count={woken}\n",
        names.join(",")
    );
    run_scenario(&text, &registry(), RunOptions::default()).unwrap_or_else(|failure| panic!("{recipe}: {failure}"));
}

#[test]
fn an_unlock_wakes_all_by_the_plain_recipe_and_one_by_the_sequential_one() {
    for waiters in [3, 10, 100] {
        wakes("plain", waiters, waiters);
        wakes("sequential", waiters, 1);
    }
}

fn run(seed: u64, faults: &str) -> Run {
    let fault_plan: FaultPlan = faults.parse().expect("such faults exist");
    Run { nodes: 3, seed, fault_plan, span: Duration::from_secs(3) }
}

fn seeds() -> u64 {
    std::env::var("QUORATE_LOCK_SEEDS").map_or(60, |text| text.parse().expect("a number of seeds"))
}

/// Asserts that harsh runs are safe and live, and that the rules fired in them.
fn sound<K: CoordinationKind>(rules: &[CoordinationRule]) {
    let mut met = Coverage::<Coordination>::default();
    for seed in 0..seeds() {
        let planned = CoordinationOf::<K>::experiment(&run(seed, "harsh")).expect("such a cluster can be");
        let outcome = planned.run(CoordinationOf::<K>::reached);
        let is_reached = matches!(outcome.verdict, RunVerdict::Reached { .. });
        assert!(is_reached, "{}, seed {seed}: {:?}", K::NAME, outcome.verdict);
        met.add(&outcome.world.invariants().1);
    }
    for rule in rules {
        assert!(met.of(*rule) >= seeds() / 10, "{}: {rule:?} fired only {} times", K::NAME, met.of(*rule));
    }
}

#[test]
fn harsh_runs_of_zookeeper_are_safe_and_live() {
    use CoordinationRule::*;
    let admits = Lock(LockRule::AdmitToken);
    sound::<ZooKeeperLock>(&[SmallestHolds, WatchPredecessor, WatchLock, WakeUp, ProposeExpiry, SessionOver, admits]);
}

#[test]
fn harsh_runs_of_etcd_are_safe_and_live() {
    use CoordinationRule::*;
    sound::<EtcdLock>(&[CreateKey, SmallestHolds, WakeUp, ProposeExpiry, GraceOver]);
}

#[test]
fn harsh_runs_of_chubby_are_safe_and_live() {
    use CoordinationRule::*;
    sound::<ChubbyLock>(&[CreateNode, WatchLock, Jeopardy, Recovered, BeginLockDelay, EndLockDelay]);
}

/// The same runs with other settings: how many break which invariant.
fn broken(seeds: u64, faults: &str, change: impl Fn(Settings) -> Settings) -> BTreeMap<&'static str, u64> {
    let mut broken = BTreeMap::new();
    for seed in 0..seeds {
        let mut planned: Planned<CoordinationOf<ZooKeeperLock>> =
            CoordinationOf::<ZooKeeperLock>::experiment(&run(seed, faults)).expect("such a cluster can be");
        let settings = Settings::clone(planned.setup.constants.config());
        planned.setup.constants = Constants::new(change(settings).build().expect("such a service can be"));
        if let RunVerdict::Broke(violation) = planned.run(CoordinationOf::<ZooKeeperLock>::reached).verdict {
            *broken.entry(violation.broken.invariant).or_default() += 1;
        }
    }
    broken
}

const PAUSES: &str = "none,pauses=6,outage=1s";

#[test]
fn a_pause_breaks_the_lock_of_a_client_that_believes_until_it_is_told() {
    let told = broken(60, PAUSES, |settings| Settings { belief: Belief::UntilTold, ..settings });
    assert!(told.contains_key("AtMostOneHolder"), "{told:?}");
    assert!(!told.contains_key("TokensNeverDecrease"), "the fence keeps the order: {told:?}");
    assert_eq!(broken(60, PAUSES, |settings| settings), BTreeMap::new());
}

#[test]
fn a_pause_breaks_the_order_of_writes_at_a_resource_without_a_guard() {
    let unguarded = broken(60, PAUSES, |settings| Settings { guard: Guard::Unguarded, ..settings });
    assert!(unguarded.contains_key("TokensNeverDecrease"), "{unguarded:?}");
    assert!(!unguarded.contains_key("AtMostOneHolder"), "{unguarded:?}");
}

#[test]
fn drift_beyond_the_bound_breaks_the_lock_of_a_client_that_counts() {
    let drift = "none,drift=20%,pauses=4,partitions=4,outage=900ms";
    let tight = |settings: Settings| {
        let session = settings.session;
        let session = Terms::new(session.granter(), session.granter(), session.renew_every(), Drift::NONE);
        Settings { session: session.expect("such terms can be"), ..settings }
    };
    assert!(broken(100, drift, tight).contains_key("AtMostOneHolder"));
    assert_eq!(broken(100, drift, |settings| settings), BTreeMap::new());
}
