//! Model checking of three-phase commit in a synchronous network: coordinator T and participants P,
//! Q, R …, on each of which every transaction takes six of the ten in one row.

use std::collections::BTreeMap;

use quorate_bugs::transactions::three_phase::NamedRulebook;
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_transactions::three_phase::{Settings, ThreePhase, silence_means_a_crash};
use quorate_transactions::two_phase::{Change, Command, Outcome, Safety};
use quorate_transactions::{AtomicCommit, Row};

use super::{Budget, Goal, SearchTarget, Searched, all_up};
use crate::TargetError;
use crate::protocols::{ThreePhaseTarget, ToScenario};

const T: NodeId = NodeId(0);
const PARTICIPANTS: [&str; 7] = ["P", "Q", "R", "S", "U", "V", "W"];

/// Amount that every transaction takes from each participant: one of two can be committed.
const TAKES: i64 = 6;

impl SearchTarget for ThreePhaseTarget {
    type Machine = ThreePhase;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;
    const NETWORK: &'static str =
        "messages arrive in any order, none is lost unless its sender has crashed, and silence means a crash";

    fn budget(rules: NamedRulebook) -> Budget {
        let one =
            Budget { nodes: 2, requests: 1, firings: 4, duplicates: 0, crashes: 2, restarts: 1, ticks: 0, depth: None };
        match rules.id() {
            "two-phases-after-all" => Budget { firings: 2, crashes: 1, restarts: 0, ..one },
            "" => Budget { firings: 6, ..one },
            _ => one,
        }
    }

    fn under_rules(bug: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let count = usize::try_from(budget.nodes)?.min(PARTICIPANTS.len());
        let participants: Vec<NodeId> = (1..=count as u32).map(NodeId).collect();
        let change = Change { row: Row::from("x"), by: -TAKES };
        let changes: BTreeMap<_, _> = participants.iter().map(|node| (*node, change.clone())).collect();
        let config = Settings::new(T, participants).build()?;
        let names = Names::new(
            ["T"].iter().chain(&PARTICIPANTS[..count]).copied(),
            (1..=budget.requests).map(|client| format!("c{client}")),
        );
        // Where these decide, the correct machine writes nothing, so there is no crash to compare.
        let within = !matches!(bug.id(), "two-phases-after-all" | "first-ack-commits" | "backup-commits-at-once");
        let crash_points = CrashPoints { before_persist: within, after_persist: within, between_sends: false };
        let mut bounds = Bounds {
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            // A coordinator that crashes has sent some messages, and not the others.
            drops: 2 * budget.crashes,
            crash_points,
            ..Bounds::default()
        };
        for client in 0..budget.requests {
            bounds = bounds.request(ClientId(client), Some(T), Command::Transact { changes: changes.clone() });
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        let setup = setup.title("Every schedule of three-phase commit");
        Ok(Cluster::new(setup, Safety::default(), bounds)?.timely(silence_means_a_crash))
    }

    /// Participants are interchangeable: each has the same row, and loses as much.
    fn cluster(rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let cluster = Self::without_symmetry(rules, budget)?;
        let participants = cluster.setup().constants.config().participants.clone();
        Ok(cluster.symmetric(&[participants])?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 {
            goals.push(("all commit a transaction", |state| all_up(state, 1, commits)));
            goals.push(("a participant is in doubt", |state| {
                participants(state).any(|node| node.in_doubt().next().is_some())
            }));
        }
        if budget.requests > 0 && budget.crashes > 0 && budget.firings > 1 {
            goals.push(("all commit, and the coordinator is down", |state| {
                state.machine(T).is_none() && all_up(state, 1, commits)
            }));
        }
        if budget.requests > 1 {
            goals.push(("all commit one transaction and abort another", |state| {
                all_up(state, 1, |node| outcomes(node).count() == 2)
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

fn participants(state: &State<ThreePhase, Safety>) -> impl Iterator<Item = &ThreePhase> {
    state.machines().skip(1).flatten()
}

fn outcomes(node: &ThreePhase) -> impl Iterator<Item = Outcome> {
    node.outcomes().map(|(_, outcome)| outcome)
}

/// Whether a participant has committed a transaction.
fn commits(node: &ThreePhase) -> bool {
    outcomes(node).any(|outcome| outcome == Outcome::Commit)
}
