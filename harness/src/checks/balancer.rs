//! Model checking of a load balancer with two servers; each client has one request.

use quorate_bugs::balancer::NamedRulebook;
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_time::balancer::{Balancer, Command, Key, Safety, Settings};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{BalancerTarget, ToScenario};

const BALANCER: NodeId = NodeId(0);

/// The number of nodes is always three.
impl SearchTarget for BalancerTarget {
    type Machine = Balancer;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let one =
            Budget { nodes: 3, requests: 1, firings: 1, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules.id() {
            "ejects-them-all" | "repeats-unsafe-request" => one,
            _ => Budget { firings: 2, ..one },
        }
    }

    /// A single missed probe is enough, so that searches are short.
    fn under_rules(_: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let config = Settings { misses: 1, ..Settings::new(BALANCER, vec![NodeId(1), NodeId(2)]) }.build()?;
        let names = Names::new(["LB", "S1", "S2"], (1..=budget.requests).map(|client| format!("c{client}")));
        let mut bounds = Bounds {
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for client in 0..budget.requests {
            let key = Key::from(format!("m{}", client + 1).as_str());
            let command = Command::Ask { key, repeatable: false };
            bounds = bounds.request(ClientId(client), Some(BALANCER), command);
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of a load balancer"), Safety::default(), bounds)?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 {
            goals.push(("a request is in the queue of a server", |state| queued(state) > 0));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

fn queued(state: &State<Balancer, Safety>) -> usize {
    [NodeId(1), NodeId(2)].iter().filter_map(|server| state.machine(*server)).map(Balancer::waiting).sum()
}
