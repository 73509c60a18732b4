//! Model checking of Raft: three nodes with a counter, two election timeouts, two commands.

use std::marker::PhantomData;

use quorate_bugs::NamedRulebookOf;
use quorate_bugs::raft::careless::CarelessRaft;
use quorate_lab::check::{Bounds, Cluster, CrashPoints};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_raft::{Add, Command, Counter, Invariants, Raft, Settings, Term, invariants};

use super::{Budget, Goal, SearchTarget, Searched, counter};
use crate::TargetError;
use crate::protocols::{RaftMachine, RaftTarget};

/// Search target: Raft with a counter as state machine; the reference, or a variant.
#[derive(Debug)]
pub struct RaftSearchOf<M>(PhantomData<fn() -> M>);

/// Raft with a counter as state machine.
pub type RaftSearch = RaftSearchOf<Raft<Counter>>;
/// Careless Raft with a counter as state machine.
pub type CarelessRaftSearch = RaftSearchOf<CarelessRaft<Counter>>;

impl<M: RaftMachine<Counter>> SearchTarget for RaftSearchOf<M> {
    type Machine = M;
    type Invariants = Invariants<Counter>;

    const NAME: &'static str = RaftTarget::NAME;

    fn budget(rules: NamedRulebookOf<M>) -> Budget {
        let quiet = Budget {
            nodes: 3,
            requests: 2,
            firings: 2,
            duplicates: 0,
            crashes: 0,
            restarts: 0,
            ticks: 0,
            depth: Some(20),
        };
        match rules.id() {
            "" => quiet,
            "vote-not-durable" | "log-not-durable" => {
                Budget { requests: 0, crashes: 1, restarts: 1, depth: None, ..quiet }
            }
            "stale-vote-reply" | "step-down-clears-vote" | "ignores-log-check" => {
                Budget { requests: 0, firings: 3, depth: None, ..quiet }
            }
            "prevote-as-vote" | "commit-regresses" => Budget { requests: 0, depth: None, ..quiet },
            "truncate-always" => Budget { requests: 1, depth: None, ..quiet },
            _ => Budget { firings: 3, depth: None, ..quiet },
        }
    }

    fn under_rules(
        bug: NamedRulebookOf<M>,
        rules: NamedRulebookOf<M>,
        budget: &Budget,
    ) -> Result<Searched<Self>, TargetError> {
        let config = Settings { pre_vote: bug.id() == "prevote-as-vote", ..Settings::nodes(budget.nodes) }.build()?;
        let nodes = (1..=budget.nodes).map(|number| format!("n{number}"));
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
        for request in 0..budget.requests {
            bounds = bounds.request(ClientId(request), None, Command::Apply(Add(i64::from(request) + 1)));
        }
        Ok(Cluster::new(setup.title("Every schedule of Raft"), invariants(), bounds)?)
    }

    /// All nodes are interchangeable: any node that is asked may lead.
    fn cluster(rules: NamedRulebookOf<M>, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let nodes = (0..budget.nodes).map(NodeId).collect();
        Ok(Self::without_symmetry(rules, budget)?.symmetric(&[nodes])?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = vec![("a leader is elected", |state| {
            state.machines().flatten().any(|machine| machine.reference().is_leader())
        })];
        if budget.firings > 1 {
            goals.push(("a node is in term 2", |state| {
                state.machines().flatten().any(|machine| machine.reference().term() == Term(2))
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        counter::schedule(cluster.setup(), path)
    }
}
