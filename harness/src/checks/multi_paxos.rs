//! Model checking of Multi-Paxos: nodes n1 and n2 propose, accept and learn; n3 and further nodes
//! are acceptors only.

use quorate_bugs::paxos::NamedRulebook;
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_paxos::invariants::Safety;
use quorate_paxos::multi::{self, Command, Entry, MultiPaxos, Rhythm, Slot};
use quorate_paxos::{Config, Value};
use quorate_protocol::{ClientId, Names, NodeId};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{MultiPaxosTarget, ToScenario};

const N1: NodeId = NodeId(0);
const N2: NodeId = NodeId(1);
/// Nodes that propose.
const PROPOSERS: [NodeId; 2] = [N1, N2];

/// Search target: acceptors only besides at most two leaders, unless the budget says more.
impl SearchTarget for MultiPaxosTarget {
    type Machine = MultiPaxos;
    type Invariants = Safety<Entry>;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let two_leaders =
            Budget { nodes: 3, requests: 2, firings: 2, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules.id() {
            "" => Budget { depth: Some(16), ..two_leaders },
            _ => Budget { requests: 1, ..two_leaders },
        }
    }

    fn under_rules(_: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let acceptors = (0..budget.nodes).map(NodeId);
        let roles = Config::builder(PROPOSERS, acceptors, PROPOSERS).build()?;
        let config = multi::Config::new(roles, Rhythm::default())?;
        let invariants = multi::invariants(&config);
        let nodes = (1..=budget.nodes.max(2)).map(|number| format!("n{number}"));
        let clients = (1..=budget.requests.max(1)).map(|number| format!("c{number}"));
        let setup = Setup::new(Self::NAME, Names::new(nodes, clients), config).under_named(rules.id(), rules.rules);
        let mut bounds = Bounds {
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for (request, of) in (0..budget.requests).zip(PROPOSERS.into_iter().cycle()) {
            let value = Value::from(format!("v{}", request + 1));
            bounds = bounds.request(ClientId(request), Some(of), Command::Propose { value });
        }
        Ok(Cluster::new(setup.title("Every schedule of Multi-Paxos"), invariants, bounds)?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = vec![("n1 leads", |state| leads(state, N1))];
        if budget.requests > 0 {
            goals.push(("v1 is chosen in slot 1", |state| chosen(state, "v1")));
        }
        if budget.requests > 0 && budget.firings > 1 {
            goals.push(("n2 leads, and has learned that v1 is chosen", |state| {
                let learned = state.machine(N2).and_then(|machine| machine.chosen(Slot::FIRST));
                leads(state, N2) && learned.is_some_and(|entry| entry.value.as_str() == "v1")
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

type Moment = State<MultiPaxos, Safety<Entry>>;

fn leads(state: &Moment, node: NodeId) -> bool {
    state.machine(node).is_some_and(MultiPaxos::is_leader)
}

/// Whether acceptors have chosen this value in the first slot, known to a learner or not.
fn chosen(state: &Moment, wanted: &str) -> bool {
    let entry = state.invariants().0.chosen().get(&Slot::FIRST).map(|(_, entry)| entry);
    entry.is_some_and(|entry| entry.value.as_str() == wanted)
}
