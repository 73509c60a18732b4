//! Model checking of cache leases: server S has one datum, A and B cache it, and a client writes
//! it. The clocks of S and A may be slow or fast within the drift bound.

use quorate_bugs::lease::NamedRulebook;
use quorate_lab::check::{Bounds, Clocks, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_lease::cache::{Cache, Command, Message, NoStaleRead, Settings};
use quorate_lease::{Drift, Name, Terms, Value};
use quorate_protocol::{ClientId, Duration, Names, NodeId};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{LeaseCacheTarget, ToScenario};

const S: NodeId = NodeId(0);
const A: NodeId = NodeId(1);
const B: NodeId = NodeId(2);

/// Clock drift bound: 20 %, in ppm.
const DRIFT_PPM: u32 = 200_000;
/// Length of one clock tick.
///
/// S lends for 30 ms, which last 25 ms on a fast clock, and after a restart it delays writes for as
/// long. Caches count 20 ms, which last 25 ms on a slow clock. Two ticks are just over 25 ms.
const TICK: Duration = Duration::from_millis(13);

fn x() -> Name {
    Name::from("x")
}

/// Requests with their clients and nodes; the budget decides how many are used.
fn requests() -> [(ClientId, NodeId, Command); 6] {
    let read = |client, cache| (ClientId(client), cache, Command::Read { key: x() });
    let write = |value| (ClientId(0), S, Command::Write { key: x(), value: Value::from(value) });
    [read(1, A), write("red"), read(1, A), read(2, B), write("blue"), read(2, B)]
}

impl SearchTarget for LeaseCacheTarget {
    type Machine = Cache;
    type Invariants = NoStaleRead;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let drifting =
            Budget { nodes: 3, requests: 4, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 2, depth: None };
        match rules.id() {
            "restart-grants-at-once" => Budget { crashes: 1, restarts: 1, ..drifting },
            _ => drifting,
        }
    }

    fn under_rules(bug: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let ms = Duration::from_millis;
        let terms = Terms::new(ms(30), ms(20), ms(10), Drift::from_ppm(DRIFT_PPM)?)?;
        let config = Settings { server: S, terms }.build()?;
        let names = Names::new(["S", "A", "B"], ["writer", "c1", "c2"]);
        let mut clocks = Clocks::exact(TICK, budget.ticks).within(DRIFT_PPM as i32, [S, A]);
        if bug.id() == "wall-clock" {
            clocks = Clocks { jumps: 1, jump_by: vec![30_000_000], ..Clocks::exact(TICK, budget.ticks) };
        }
        let mut bounds = Bounds {
            clocks: Some(clocks),
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for (client, of, command) in requests().into_iter().take(usize::try_from(budget.requests)?) {
            bounds = bounds.request(client, Some(of), command);
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of cached data under leases"), NoStaleRead::default(), bounds)?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 {
            goals.push(("S has granted A a lease on x", |state| granted(state, A) == Some(0)));
        }
        if budget.requests > 1 {
            goals.push(("x is written", |state| version(state) == 1));
        }
        if budget.requests > 2 {
            goals.push(("S has granted A a lease on the new value", |state| granted(state, A) == Some(1)));
        }
        if budget.requests > 3 {
            goals.push(("A and B both have a lease on x", |state| {
                granted(state, A).is_some() && granted(state, B).is_some()
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

type Moment = State<Cache, NoStaleRead>;

/// Number of times the datum has changed.
fn version(state: &Moment) -> u64 {
    state.disk(S).and_then(|disk| disk.data.get(&x())).map_or(0, |datum| datum.version)
}

/// Version in a lease grant that is in flight to a cache.
fn granted(state: &Moment, cache: NodeId) -> Option<u64> {
    state.in_flight().find_map(|(_, to, message)| match message {
        Message::Lent { datum, .. } if to == cache => Some(datum.version),
        _ => None,
    })
}
