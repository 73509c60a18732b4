//! Model checking of locks: A and B compete for the lock of one server R, or of three.
//!
//! Clocks may be slow or fast within the bound that the allowance is made for.

use quorate_bugs::locks::NamedRulebook;
use quorate_lab::check::{Bounds, Clocks, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_locks::invariants::{Safety, invariants};
use quorate_locks::{Command, ExpiryClock, Lock, Persistence, Recipe, Settings};
use quorate_protocol::{ClientId, Duration, Names, NodeId};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{LockKind, LockOf, ToScenario};

const INSTANCES: [&str; 5] = ["P", "Q", "R", "T", "U"];

/// Clock drift bound: 20 %, in ppm.
const DRIFT_PPM: u32 = 200_000;
/// Length of one clock tick.
///
/// A key lives for 30 ms, which last 25 ms on a fast clock. Holders count 20 ms, which last 25 ms
/// on a slow clock. Two ticks are just over 25 ms, three over 30 ms.
const TICK: Duration = Duration::from_millis(13);

/// Requests in the order in which a budget counts them: the client, which holder it asks, and what.
const REQUESTS: [(u32, u32, Command); 5] =
    [(0, 0, Command::Try), (1, 1, Command::Try), (0, 0, Command::Act), (1, 1, Command::Act), (0, 0, Command::Release)];

/// The requests that expose a bug.
fn requests(bug: NamedRulebook, budget: &Budget) -> Vec<(u32, u32, Command)> {
    match bug.id() {
        "unlock-without-compare" | "same-value-for-all" => {
            vec![(0, 0, Command::Try), (1, 1, Command::Try), (0, 0, Command::Release)]
        }
        _ => REQUESTS.into_iter().take(budget.requests as usize).collect(),
    }
}

/// Number of servers within a budget.
fn servers<K: LockKind>(budget: &Budget) -> usize {
    if K::IS_REDLOCK { (budget.nodes as usize).clamp(1, INSTANCES.len()) } else { 1 }
}

/// Search target: a lock on one server, or by Redlock.
impl<K: LockKind> SearchTarget for LockOf<K> {
    type Machine = Lock;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let still =
            Budget { nodes: 3, requests: 4, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 1, depth: None };
        let book = if K::IS_REDLOCK {
            Budget { depth: Some(12), ticks: 2, ..still }
        } else {
            Budget { requests: 5, ticks: 3, ..still }
        };
        match rules.id() {
            "" => book,
            "keys-not-durable" => Budget { crashes: 1, restarts: 1, ..still },
            "unlock-without-compare" | "valid-for-ever" | "validity-unchecked" | "validity-from-answer" => {
                Budget { ticks: 3, ..still }
            }
            _ => still,
        }
    }

    fn under_rules(bug: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let ms = Duration::from_millis;
        let count = servers::<K>(budget);
        let ids = |from: usize, count: usize| (from..from + count).map(|node| NodeId(node as u32));
        let (recipe, names): (Recipe, Vec<&str>) =
            if K::IS_REDLOCK { (Recipe::Redlock, INSTANCES[..count].to_vec()) } else { (Recipe::SetNxPx, vec!["R"]) };
        let usual = Settings::new(recipe, ids(0, count), ids(count, 2), Some(ms(30)));
        let config = Settings {
            allowance: ms(10),
            answer_timeout: ms(500),
            expiry: ExpiryClock::Monotonic,
            persistence: Persistence::Always,
            ..usual
        };
        let names = Names::new(names.into_iter().chain(["A", "B"]), ["c1", "c2"]);
        let setup = Setup::new(Self::NAME, names, config.build()?).under_named(rules.id(), rules.rules);
        let holder = |number: u32| NodeId(count as u32 + number);
        let mut clocks = Clocks::exact(TICK, budget.ticks);
        if bug.id().is_empty() && !K::IS_REDLOCK {
            clocks = clocks.within(DRIFT_PPM as i32, [NodeId(0), holder(0)]);
        }
        let mut bounds = Bounds {
            clocks: Some(clocks),
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for (client, of, command) in requests(bug, budget) {
            bounds = bounds.request(ClientId(client), Some(holder(of)), command);
        }
        Ok(Cluster::new(setup.title("Every schedule of a distributed lock"), invariants(), bounds)?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = vec![("A or B holds the lock", |state| !holders(state).is_empty())];
        if budget.ticks > 2 && !K::IS_REDLOCK {
            goals.push(("the lock of one has expired, and the other has it", |state| {
                state.tick() > 2 && !holders(state).is_empty()
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

/// Attempts by which the lock has been taken and not given up.
fn holders(state: &State<Lock, Safety>) -> Vec<quorate_locks::AttemptId> {
    state.machines().flatten().filter_map(Lock::held).collect()
}
