//! Model checking of sagas: orchestrator O and services P, Q, R …. Every saga adds one to a row of
//! the first, and takes six of ten from a row of each other: one of two can be carried out.

use std::collections::BTreeMap;

use quorate_bugs::transactions::saga::NamedRulebook;
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_transactions::Row;
use quorate_transactions::saga::{Safety, Saga, Settings};
use quorate_transactions::two_phase::{Change, Command};

use super::{Budget, Goal, SearchTarget, Searched, all_up};
use crate::TargetError;
use crate::protocols::{SagaTarget, ToScenario};

const O: NodeId = NodeId(0);
const SERVICES: [&str; 7] = ["P", "Q", "R", "S", "T", "U", "V"];

/// Amount that every saga takes from each service but the first.
const TAKES: i64 = 6;

impl SearchTarget for SagaTarget {
    type Machine = Saga;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let one =
            Budget { nodes: 2, requests: 1, firings: 1, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules.id() {
            "undo-writes-old-picture" => Budget { requests: 2, ..one },
            "compensation-before-action" | "late-work-after-cancel" => Budget { nodes: 1, ..one },
            "half-step-counts-as-empty" => Budget { nodes: 1, firings: 0, crashes: 1, restarts: 1, ..one },
            "step-done-again" => Budget { nodes: 1, firings: 0, duplicates: 1, ..one },
            "undone-again" => Budget { nodes: 1, firings: 2, ..one },
            "" => Budget { firings: 2, duplicates: 1, crashes: 1, restarts: 1, ..one },
            _ => one,
        }
    }

    fn under_rules(_: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let count = usize::try_from(budget.nodes)?.min(SERVICES.len());
        let services: Vec<NodeId> = (1..=count as u32).map(NodeId).collect();
        let change = |place| Change { row: Row::from("x"), by: if place == 0 { 1 } else { -TAKES } };
        let changes: BTreeMap<_, _> = services.iter().enumerate().map(|(at, node)| (*node, change(at))).collect();
        let config = Settings::new(O, services).build()?;
        let names = Names::new(
            ["O"].iter().chain(&SERVICES[..count]).copied(),
            (1..=budget.requests).map(|client| format!("c{client}")),
        );
        let mut bounds = Bounds {
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints { before_persist: true, ..CrashPoints::NONE },
            ..Bounds::default()
        };
        for client in 0..budget.requests {
            bounds = bounds.request(ClientId(client), Some(O), Command::Transact { changes: changes.clone() });
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of sagas"), Safety::default(), bounds)?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 {
            goals.push(("all steps of a saga are done", |state| {
                all_up(state, 1, |node| node.changes().next().is_some())
            }));
        }
        if budget.requests > 0 && budget.nodes > 1 {
            goals.push(("half a saga is seen", |state| {
                services(state).any(|node| node.changes().next().is_some())
                    && services(state).any(|node| node.changes().next().is_none())
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

fn services(state: &State<Saga, Safety>) -> impl Iterator<Item = &Saga> {
    state.machines().skip(1).flatten()
}
