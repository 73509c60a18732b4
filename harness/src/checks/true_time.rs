//! Model checking of TrueTime: a master and two servers, whose clocks may be slow or fast within
//! the drift bound, and a transaction at each server.

use quorate_bugs::time::true_time::NamedRulebook;
use quorate_lab::check::{Bounds, Clocks, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};
use quorate_time::Drift;
use quorate_time::true_time::{Command, Safety, Settings, TrueTime, safety};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{ToScenario, TrueTimeTarget};

const MASTER: NodeId = NodeId(0);
/// Clock drift bound: 20 %, in ppm.
const DRIFT_PPM: u32 = 200_000;
/// Length of one clock tick. No server polls twice within the search.
const TICK: Duration = Duration::from_millis(10);

impl SearchTarget for TrueTimeTarget {
    type Machine = TrueTime;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(_: NamedRulebook) -> Budget {
        Budget { nodes: 2, requests: 2, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 4, depth: None }
    }

    fn under_rules(_: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let ms = Duration::from_millis;
        let drift = Drift::ppm(DRIFT_PPM)?;
        let usual = Settings::new([MASTER]);
        let config = Settings { drift, master_error: ms(0), poll: ms(100), max_error: ms(50), ..usual }.build()?;
        let nodes = ["M".to_owned()].into_iter().chain((1..=budget.nodes).map(|number| format!("n{number}")));
        let names = Names::new(nodes, (1..=budget.requests).map(|client| format!("c{client}")));
        let rates = vec![-(DRIFT_PPM as i32), DRIFT_PPM as i32];
        let drifts = (1..=budget.nodes.min(2)).map(|server| (NodeId(server), rates.clone())).collect();
        let mut bounds = Bounds {
            clocks: Some(Clocks { drifts, ..Clocks::exact(TICK, budget.ticks) }),
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for client in 0..budget.requests {
            let server = NodeId(1 + client % budget.nodes.max(1));
            bounds = bounds.request(ClientId(client), Some(server), Command::Commit);
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of TrueTime"), safety(Time::ZERO), bounds)?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 {
            goals.push(("a transaction is committed", |state| committed(state) > 0));
        }
        if budget.requests >= budget.nodes {
            goals.push(("a transaction of each server is committed", |state| {
                committed(state) + 1 == state.machines().count()
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

/// Number of servers that have committed all that they have stamped.
fn committed(state: &State<TrueTime, Safety>) -> usize {
    let is_done = |(node, server): (u32, Option<&TrueTime>)| {
        let stamped = state.disk(NodeId(node)).is_some_and(|disk| !disk.stamps.is_empty());
        stamped && server.is_some_and(|server| server.pending() == 0)
    };
    (0..).zip(state.machines()).filter(|server| is_done(*server)).count()
}
