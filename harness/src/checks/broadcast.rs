//! Model checking of reliable broadcast: by default one value, four nodes, and a liar among them.

use quorate_bugs::byzantine::broadcast::NamedRulebook;
use quorate_byzantine::broadcast::{Broadcast, Command, Lie, Safety, Settings, Value};
use quorate_lab::check::{Bounds, Cluster, CrashPoints};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Names, NodeId};

use super::{Budget, Goal, SearchTarget, Searched, all_up};
use crate::TargetError;
use crate::protocols::{BroadcastTarget, ToScenario};

const SENDER: NodeId = NodeId(0);

/// The liar: the one who shows the bug.
fn liar(bug: NamedRulebook) -> (NodeId, Lie) {
    match bug.id() {
        "follows-one-ready" => (NodeId(2), Lie::Equivocating),
        _ => (SENDER, Lie::SupportsAll),
    }
}

impl SearchTarget for BroadcastTarget {
    type Machine = Broadcast;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const NETWORK: &'static str = "one of the nodes lies; messages arrive in any order, or never";

    fn budget(_: NamedRulebook) -> Budget {
        Budget { nodes: 3, requests: 1, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None }
    }

    fn under_rules(bug: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let config = Settings::new((0..=budget.nodes).map(NodeId)).build()?;
        let names = Names::new(
            (1..=budget.nodes + 1).map(|number| format!("n{number}")),
            (1..=budget.requests).map(|client| format!("c{client}")),
        );
        let mut bounds = Bounds {
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for client in 0..budget.requests {
            let value = Value(u64::from(6 + 2 * client));
            bounds = bounds.request(ClientId(client), Some(SENDER), Command::Broadcast { value });
        }
        let (liar, lie) = liar(bug);
        let setup = Setup::new(Self::NAME, names, config.clone())
            .configure(liar, config.lying(lie))
            .under_named(rules.id(), rules.rules)
            .title("Every schedule of reliable broadcast, with a liar");
        Ok(Cluster::new(setup, Safety::default(), bounds)?)
    }

    /// A liar treats all nodes with an odd id alike. There are none of them among the liars.
    fn cluster(rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let alike = (1..=budget.nodes).filter(|node| node % 2 == 1).map(NodeId).collect();
        Ok(Self::without_symmetry(rules, budget)?.symmetric(&[alike])?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 {
            goals.push(("all nodes beside the sender accept a value", |state| {
                all_up(state, 1, |node| node.accepted().is_some())
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}
