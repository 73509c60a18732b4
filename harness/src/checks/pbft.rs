//! Model checking of PBFT: by default one request to four replicas n1 to n4 through the proxy P.
//! The backup n3 is silent, so all others are needed for a quorum. No timer fires, so the view does
//! not change. With two firings it does: two replicas that lose patience bring the third along.

use quorate_bugs::byzantine::pbft::NamedRulebook;
use quorate_byzantine::pbft::{Command, Lie, Pbft, Safety, Settings};
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Names, NodeId};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{PbftTarget, ToScenario};

/// The liar. Liars tell nodes with an even id from those with an odd one, and n3 has an even one,
/// as the primary n1 has: so the backups with an odd id are interchangeable.
const LIAR: NodeId = NodeId(2);

/// The lie under which the bug of a rulebook shows.
fn lie(rules: NamedRulebook) -> Lie {
    if rules.id() == "trusts-one-reply" { Lie::Colluding } else { Lie::Silent }
}

impl SearchTarget for PbftTarget {
    type Machine = Pbft;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(_: NamedRulebook) -> Budget {
        Budget { nodes: 4, requests: 1, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None }
    }

    fn under_rules(bug: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let proxy = NodeId(budget.nodes);
        let config = Settings::new((0..budget.nodes).map(NodeId), [proxy]).build()?;
        let nodes = (1..=budget.nodes).map(|number| format!("n{number}")).chain(["P".to_owned()]);
        let names = Names::new(nodes, (1..=budget.requests).map(|client| format!("c{client}")));
        let mut bounds = Bounds {
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for client in 0..budget.requests {
            // Each sum of amounts says whose they are.
            bounds = bounds.request(ClientId(client), Some(proxy), Command::Add { amount: 1 << client });
        }
        let setup = Setup::new(Self::NAME, names, config.clone()).under_named(rules.id(), rules.rules);
        let setup = setup.configure(LIAR, config.lying(lie(bug))).title("Every schedule of PBFT");
        Ok(Cluster::new(setup, Safety::default(), bounds)?)
    }

    /// In one view, honest backups with an odd id are interchangeable.
    fn cluster(rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let cluster = Self::without_symmetry(rules, budget)?;
        if budget.firings > 0 {
            return Ok(cluster);
        }
        let odd: Vec<NodeId> = (0..budget.nodes).filter(|id| !id.is_multiple_of(2)).map(NodeId).collect();
        Ok(cluster.symmetric(&[odd])?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 && budget.firings < 2 {
            goals.push(("a replica executes the request", |state| executed(state) > 0));
            goals.push(("2f+1 replicas execute the request", |state| {
                let replicas = state.machines().flatten().filter(|node| node.state().is_some()).count();
                executed(state) > 2 * (replicas - 1) / 3
            }));
        }
        if budget.firings > 1 {
            goals
                .push(("a replica waits for the next view", |state| honest(state).any(|node| node.current_view() > 0)));
            goals.push(("the next view begins at a replica", |state| {
                honest(state).any(|node| node.current_view() > 0 && !node.is_changing())
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

/// Number of replicas that have executed something.
fn executed(state: &State<Pbft, Safety>) -> usize {
    state.machines().flatten().filter(|node| node.executed() > 0).count()
}

/// The honest nodes that are up.
fn honest(state: &State<Pbft, Safety>) -> impl Iterator<Item = &Pbft> {
    let nodes = state.machines().enumerate().filter(|(node, _)| *node != LIAR.index());
    nodes.filter_map(|(_, machine)| machine)
}
