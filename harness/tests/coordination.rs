//! Locks on a coordination service: the herd effect counted, and random runs that are safe and live
//! while the stated assumptions hold, and broken when one of them is dropped.
//!
//! `QUORATE_LOCK_SEEDS=10000` sets the number of runs by the book.

use std::collections::BTreeMap;

use quorate_harness::experiments::{Planned, RunParameters, SimTarget};
use quorate_harness::protocols::{ChubbyLock, CoordinationKind, CoordinationOf, EtcdLock, ZooKeeperLock};
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, FaultPlan, RetryPolicy, RunVerdict, Setup};
use quorate_lease::{Drift, Terms};
use quorate_locks::coordination::{Belief, Command, Coordination, CoordinationRule, Fact, LockMode, Recipe, Settings};
use quorate_locks::{Guard, LockRule};
use quorate_protocol::{ClientId, Constants, Duration, Invariant, InvariantViolation, Names, NodeId, StepView, Time};
use quorate_raft as raft;

/// Number of clients that were woken while they waited.
///
/// Implemented as an invariant that never breaks.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Wakeups(usize);

impl Invariant<Coordination> for Wakeups {
    fn check(&mut self, seen: &StepView<'_, Coordination>) -> Result<(), InvariantViolation> {
        self.0 += seen.facts().filter(|fact| **fact == Fact::Woken).count();
        Ok(())
    }
}

/// The number of clients that are woken when the first of many unlocks, for which the others wait.
fn woken(recipe: Recipe, waiters: u32) -> usize {
    let seconds = Duration::from_secs;
    let session = Terms::longest(seconds(600), Drift::NONE).expect("such terms can be");
    let settings = Settings::new(raft::Settings::nodes(1), (1..=waiters + 1).map(NodeId), session);
    let config = Settings { recipe, ..settings }.build().expect("such a service can be");
    let names =
        Names::new((0..waiters + 2).map(|node| format!("n{node}")), (0..=waiters).map(|client| format!("c{client}")));
    let ask = |at: Duration, client: u32, command: Command| ClientRequest {
        at: Time::ZERO + at,
        client: ClientId(client),
        of: Some(NodeId(client + 1)),
        command,
    };
    let lock =
        |client: u32| ask(seconds(1 + u64::from(client)), client, Command::Acquire { mode: LockMode::Exclusive });
    let mut requests: Vec<_> = (0..=waiters).map(lock).collect();
    requests.push(ask(seconds(200), 0, Command::Release));
    let experiment = Experiment {
        setup: Setup::new("zookeeper", names, config).retry_policy(RetryPolicy {
            timeout: seconds(1_000),
            attempts: 1,
            rotates: false,
        }),
        invariants: Wakeups::default(),
        requests,
        faults: Vec::new(),
        message_faults: None,
        fault_window: seconds(201),
        recovery_window: seconds(1),
    };
    let outcome = experiment.run(|world| world.now() > Time::ZERO);
    let holders = outcome.world.up().filter(|(_, node)| node.held().is_some()).count();
    assert_eq!(holders, 1, "{recipe}, {waiters} waiters: the lock has gone to one of them");
    outcome.world.invariants().0
}

#[test]
fn an_unlock_wakes_all_by_the_plain_recipe_and_one_by_the_sequential_one() {
    for waiters in [3, 10, 100] {
        assert_eq!(woken(Recipe::Plain, waiters), waiters as usize);
        assert_eq!(woken(Recipe::Sequential, waiters), 1);
    }
}

fn run(seed: u64, faults: &str) -> RunParameters {
    let fault_plan: FaultPlan = faults.parse().expect("such faults exist");
    RunParameters { nodes: 3, seed, fault_plan, span: Duration::from_secs(3) }
}

fn seeds() -> u64 {
    std::env::var("QUORATE_LOCK_SEEDS").map_or(1_000, |text| text.parse().expect("a number of seeds"))
}

/// Asserts that harsh runs are safe and live, and that the rules fired in them.
fn sound<K: CoordinationKind>(rules: &[CoordinationRule]) {
    let mut met = Coverage::<Coordination>::default();
    for seed in 0..seeds() {
        let planned = CoordinationOf::<K>::experiment(&run(seed, "harsh")).expect("such a cluster can be");
        let outcome = planned.run(CoordinationOf::<K>::reached);
        let is_reached = matches!(outcome.verdict, RunVerdict::Reached { .. });
        assert!(is_reached, "{}, seed {seed}: {:?}", K::ID.name(), outcome.verdict);
        met.add(&outcome.world.invariants().1);
    }
    for rule in rules {
        assert!(met.of(*rule) >= seeds() / 10, "{}: {rule:?} fired only {} times", K::ID.name(), met.of(*rule));
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
    sound::<ChubbyLock>(&[AcquireLock, ReleaseLock, WaitForEvent, Jeopardy, Recovered, BeginLockDelay, EndLockDelay]);
}

/// The same runs with other settings: how many break which invariant. The counts in the tests are
/// exact, since a seed always makes the same run.
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
    assert_eq!(told, BTreeMap::from([("AtMostOneHolder", 9)]), "the fence keeps the order");
    assert_eq!(broken(60, PAUSES, |settings| settings), BTreeMap::new());
}

#[test]
fn a_pause_breaks_the_order_of_writes_at_a_resource_without_a_guard() {
    let unguarded = broken(60, PAUSES, |settings| Settings { guard: Guard::Unguarded, ..settings });
    assert_eq!(unguarded, BTreeMap::from([("TokensNeverDecrease", 14)]));
}

#[test]
fn drift_beyond_the_bound_breaks_the_lock_of_a_client_that_counts() {
    let drift = "none,drift=20%,pauses=4,partitions=4,outage=900ms";
    let tight = |settings: Settings| {
        let session = settings.session;
        let session = Terms::new(session.granter(), session.granter(), session.renew_every(), Drift::NONE);
        Settings { session: session.expect("such terms can be"), ..settings }
    };
    assert_eq!(broken(100, drift, tight), BTreeMap::from([("AtMostOneHolder", 2)]));
    assert_eq!(broken(100, drift, |settings| settings), BTreeMap::new());
}
