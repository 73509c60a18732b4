//! Model checking of Snowflake: a registry with one worker number, two generators, and one id in a
//! tick. The second generator gets the number when the first one has been silent for two ticks.

use quorate_bugs::time::snowflake::NamedRulebook;
use quorate_lab::check::{Bounds, Clocks, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};
use quorate_time::snowflake::{Command, Layout, Safety, Settings, Snowflake};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{SnowflakeTarget, ToScenario};

const REGISTRY: NodeId = NodeId(0);
/// Length of one clock tick: that of the ids.
const TICK: Duration = Duration::from_millis(1);

impl SearchTarget for SnowflakeTarget {
    type Machine = Snowflake;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(_: NamedRulebook) -> Budget {
        Budget { nodes: 2, requests: 2, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 3, depth: None }
    }

    fn under_rules(_: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let config = Settings {
            layout: Layout { worker_bits: 0, sequence_bits: 0 },
            epoch: Time::ZERO,
            lease: 1,
            renew: TICK * 2,
            recycle_after: TICK * 2,
            reserve: 0,
            clock_error: TICK,
            ..Settings::new(REGISTRY)
        };
        let nodes = ["R".to_owned()].into_iter().chain((1..=budget.nodes).map(|number| format!("n{number}")));
        let names = Names::new(nodes, (1..=budget.requests).map(|client| format!("c{client}")));
        let mut bounds = Bounds {
            clocks: Some(Clocks::exact(TICK, budget.ticks)),
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for client in 0..budget.requests {
            let generator = NodeId(1 + client % budget.nodes.max(1));
            bounds = bounds.request(ClientId(client), Some(generator), Command::Next);
        }
        let setup = Setup::new(Self::NAME, names, config.build()?).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of Snowflake"), Safety::default(), bounds)?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 {
            goals.push(("an id is issued", |state| state.machines().flatten().any(|node| node.last().is_some())));
        }
        if budget.nodes > 1 && budget.ticks > 2 {
            goals.push(("the worker number changes hands", changes_hands));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

fn changes_hands(state: &State<Snowflake, Safety>) -> bool {
    state.machines().flatten().any(|node| node.lease().is_some_and(|lease| lease.above > 0))
}
