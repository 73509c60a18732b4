//! Model checking of OM(1) in a synchronous network: by default one order, four generals, and a
//! traitor among them.

use quorate_bugs::byzantine::generals::NamedRulebook;
use quorate_byzantine::generals::{Command, General, Lie, Order, Safety, Settings, Timer};
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Names, NodeId};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{GeneralsTarget, ToScenario};

const COMMANDER: NodeId = NodeId(0);

/// The traitor: the one who shows the bug.
fn traitor(bug: NamedRulebook) -> (NodeId, Lie) {
    match bug.id() {
        "leaves-out-his-own" => (NodeId(3), Lie::SaysOther),
        _ => (COMMANDER, Lie::Equivocates),
    }
}

/// The deadline comes after the order: the driver sees to it that no message is under way.
fn is_ordered(generals: &[Option<General>], _: NodeId, _: &Timer) -> bool {
    generals.first().is_some_and(|king| king.as_ref().is_none_or(|king| king.order().is_some()))
}

impl SearchTarget for GeneralsTarget {
    type Machine = General;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const NETWORK: &'static str =
        "one of the generals is a traitor; messages arrive in any order, none is lost, and all before the deadline";

    fn budget(rules: NamedRulebook) -> Budget {
        let one =
            Budget { nodes: 3, requests: 1, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules.id() {
            "" => Budget { duplicates: 1, ..one },
            "one-relay-too-few" => Budget { firings: 2, ..one },
            _ => one,
        }
    }

    fn under_rules(bug: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let config = Settings::new((0..=budget.nodes).map(NodeId), 1).build()?;
        let names = Names::new(
            (1..=budget.nodes + 1).map(|number| format!("n{number}")),
            (1..=budget.requests).map(|client| format!("c{client}")),
        );
        let mut bounds = Bounds {
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for client in 0..budget.requests {
            // Of two orders, the one that comes first counts.
            let order = if client.is_multiple_of(2) { Order::Attack } else { Order::Retreat };
            bounds = bounds.request(ClientId(client), Some(COMMANDER), Command::Give { order });
        }
        let (traitor, lie) = traitor(bug);
        let setup = Setup::new(Self::NAME, names, config.clone())
            .configure(traitor, config.lying(lie))
            .under_named(rules.id(), rules.rules)
            .title("Every schedule of oral messages, with a traitor");
        Ok(Cluster::new(setup, Safety::default(), bounds)?.timely(is_ordered))
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 {
            goals.push(("all lieutenants obey an order", all_obey));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

fn all_obey(state: &State<General, Safety>) -> bool {
    super::all_up(state, 1, |general| general.order().is_some())
}
