//! Random runs of distributed locks: safe and live while the stated assumptions hold, and broken
//! when one of them is dropped.
//!
//! `QUORATE_LOCK_SEEDS=10000` sets the number of runs by the book.

use std::collections::BTreeMap;

use quorate_harness::experiments::{Planned, RunParameters, SimTarget};
use quorate_harness::protocols::{LockKind, LockOf, Majority, OneServer};
use quorate_lab::sim::{Coverage, FaultPlan, RunVerdict};
use quorate_locks::{Config, ExpiryClock, Guard, Lock, LockRule, Persistence, Settings};
use quorate_protocol::Duration;

fn run(seed: u64, faults: &str) -> RunParameters {
    let fault_plan: FaultPlan = faults.parse().expect("such faults exist");
    RunParameters { nodes: 3, seed, fault_plan, span: Duration::from_secs(3) }
}

fn seeds() -> u64 {
    std::env::var("QUORATE_LOCK_SEEDS").map_or(2_000, |text| text.parse().expect("a number of seeds"))
}

/// Asserts that harsh runs are safe and live. Returns what they met.
fn sound<K: LockKind>() -> Coverage<Lock> {
    let mut met = Coverage::default();
    for seed in 0..seeds() {
        let planned = LockOf::<K>::experiment(&run(seed, "harsh")).expect("such a cluster can be");
        let outcome = planned.run(LockOf::<K>::reached);
        assert!(
            matches!(outcome.verdict, RunVerdict::Reached { .. }),
            "{}, seed {seed}: {:?}",
            K::ID.name(),
            outcome.verdict
        );
        met.add(&outcome.world.invariants().1);
    }
    met
}

fn enough(met: &Coverage<Lock>, rules: &[LockRule]) {
    for rule in rules {
        assert!(met.of(*rule) >= seeds() / 10, "{rule:?} fired only {} times", met.of(*rule));
    }
}

#[test]
fn harsh_runs_of_a_lock_on_one_server_are_safe_and_live() {
    use LockRule::*;
    let met = sound::<OneServer>();
    enough(&met, &[TakeLock, KeyExists, KeyExpired, Lapse, CompareAndDelete, NoAnswer, AdmitToken]);
}

#[test]
fn harsh_runs_of_redlock_are_safe_and_live() {
    use LockRule::*;
    let met = sound::<Majority>();
    enough(&met, &[TakeLock, KeyExists, KeyExpired, Lapse, CompareAndDelete, NoAnswer, NoMajority, Clear, StayAway]);
}

/// The run of a seed with other settings.
fn planned<K: LockKind>(seed: u64, faults: &str, change: &impl Fn(Settings) -> Settings) -> Planned<LockOf<K>> {
    let mut planned: Planned<LockOf<K>> = LockOf::<K>::experiment(&run(seed, faults)).expect("such a cluster can be");
    let config: Config = planned.setup.constants.config().clone();
    let changed = change(Settings::clone(&config)).build().expect("such a lock can be");
    planned.setup.constants = quorate_protocol::Constants::new(changed);
    planned
}

/// The same runs with other settings: how many break which invariant. The counts in the tests are
/// exact, since a seed always makes the same run.
fn broken<K: LockKind>(seeds: u64, faults: &str, change: impl Fn(Settings) -> Settings) -> BTreeMap<&'static str, u64> {
    let mut broken = BTreeMap::new();
    for seed in 0..seeds {
        if let RunVerdict::Broke(violation) = planned::<K>(seed, faults, &change).run(LockOf::<K>::reached).verdict {
            *broken.entry(violation.broken.invariant).or_default() += 1;
        }
    }
    broken
}

const EXCLUSION: &str = "AtMostOneHolder";
const ORDER: &str = "TokensNeverDecrease";

#[test]
fn clocks_that_are_set_break_a_lock_whose_keys_expire_by_the_wall_clock() {
    let jumps = "none,jumps=6,outage=100ms";
    let wall = |settings| Settings { expiry: ExpiryClock::Wall, ..settings };
    assert_eq!(broken::<OneServer>(60, jumps, wall), BTreeMap::from([(EXCLUSION, 18)]));
    assert_eq!(broken::<Majority>(60, jumps, wall), BTreeMap::from([(EXCLUSION, 7)]));
    assert_eq!(broken::<OneServer>(60, jumps, |settings| settings), BTreeMap::new());
    assert_eq!(broken::<Majority>(60, jumps, |settings| settings), BTreeMap::new());
}

#[test]
fn drift_beyond_the_allowance_breaks_a_lock() {
    let drift = "none,drift=20%";
    let tight = |settings| Settings { allowance: Duration::ZERO, ..settings };
    assert_eq!(broken::<OneServer>(60, drift, tight), BTreeMap::from([(EXCLUSION, 37)]));
    assert_eq!(broken::<OneServer>(60, drift, |settings| settings), BTreeMap::new());
    assert_eq!(broken::<Majority>(60, drift, |settings| settings), BTreeMap::new());
}

#[test]
fn servers_that_forget_and_come_back_at_once_break_a_lock() {
    let crashes = "none,crashes=8,outage=50ms";
    let forget = |settings| Settings { persistence: Persistence::Never, restart_delay: Duration::ZERO, ..settings };
    assert_eq!(broken::<OneServer>(60, crashes, forget), BTreeMap::from([(EXCLUSION, 8)]));
    assert_eq!(broken::<Majority>(60, crashes, forget), BTreeMap::from([(EXCLUSION, 4)]));
    assert_eq!(broken::<Majority>(60, crashes, |settings| settings), BTreeMap::new());
}

#[test]
fn pauses_break_no_lock_and_every_unguarded_resource() {
    let pauses = "none,pauses=6,outage=400ms";
    for (guard, late) in [(Guard::Unguarded, 3), (Guard::CurrLockInTwoSteps, 1)] {
        let broken = broken::<OneServer>(60, pauses, |settings| Settings { guard, ..settings });
        assert_eq!(broken, BTreeMap::from([(ORDER, late)]), "{guard:?}");
    }
    assert_eq!(broken::<OneServer>(60, pauses, |settings| settings), BTreeMap::new());
}

/// Harsh runs in which holders extend their lock. Returns how often one was extended.
fn extensions<K: LockKind>() -> u64 {
    let watched = |settings| Settings { extend_every: Some(Duration::from_millis(100)), extensions: 5, ..settings };
    let mut met = Coverage::default();
    for seed in 0..seeds() {
        let outcome = planned::<K>(seed, "harsh", &watched).run(LockOf::<K>::reached);
        assert!(
            matches!(outcome.verdict, RunVerdict::Reached { .. }),
            "{}, seed {seed}: {:?}",
            K::ID.name(),
            outcome.verdict
        );
        met.add(&outcome.world.invariants().1);
    }
    met.of(LockRule::ExtendLock)
}

#[test]
fn a_watchdog_breaks_nothing_and_others_get_the_lock() {
    assert!(extensions::<OneServer>() >= seeds());
    assert!(extensions::<Majority>() >= seeds());
}

#[test]
fn guards_by_token_keep_the_order_of_writes_under_harsh_faults() {
    for guard in [Guard::FileName, Guard::FenceWithUndo, Guard::MarkFirst] {
        let guarded = |settings| Settings { guard, ..settings };
        assert_eq!(broken::<OneServer>(seeds(), "harsh", guarded), BTreeMap::new(), "{guard:?}");
    }
}
