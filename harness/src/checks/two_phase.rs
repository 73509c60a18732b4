//! Model checking of two-phase commit: coordinator T and participants P, Q, R …, on each of which
//! every transaction takes six of the ten in one row.

use quorate_bugs::transactions::two_phase::NamedRulebook;
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_transactions::Row;
use quorate_transactions::two_phase::{Change, Command, Outcome, Safety, Settings, TwoPhase};
use std::collections::BTreeMap;

use super::{Budget, Goal, SearchTarget, Searched, all_up};
use crate::TargetError;
use crate::protocols::{ToScenario, TwoPhaseTarget};

const T: NodeId = NodeId(0);
const PARTICIPANTS: [&str; 7] = ["P", "Q", "R", "S", "U", "V", "W"];

/// Amount that every transaction takes from each participant: one of two can be committed.
const TAKES: i64 = 6;

impl SearchTarget for TwoPhaseTarget {
    type Machine = TwoPhase;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let one =
            Budget { nodes: 2, requests: 1, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules.id() {
            "most-said-yes" => Budget { nodes: 3, ..one },
            "yes-counts-twice" => Budget { duplicates: 1, ..one },
            "prepared-times-out"
            | "decision-forgotten-early"
            | "timeout-races-commit"
            | "abort-not-remembered"
            | "last-outcome-wins" => Budget { firings: 1, ..one },
            "yes-not-durable" | "presumes-commit" => Budget { crashes: 1, restarts: 1, ..one },
            "decision-not-logged" => Budget { firings: 1, crashes: 1, restarts: 1, ..one },
            "row-not-locked" | "sells-what-it-lacks" => Budget { nodes: 1, requests: 2, ..one },
            "commits-past-lock-life" => Budget { nodes: 1, requests: 2, firings: 1, ..one },
            "outcome-hits-next-transaction" => Budget { nodes: 1, requests: 2, firings: 1, duplicates: 1, ..one },
            "doubt-unlocked" | "votes-of-two-attempts" => {
                Budget { nodes: 1, requests: 2, crashes: 1, restarts: 1, ..one }
            }
            _ => Budget { requests: 2, firings: 1, crashes: 1, restarts: 1, ..one },
        }
    }

    fn under_rules(bug: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let count = usize::try_from(budget.nodes)?.min(PARTICIPANTS.len());
        let participants: Vec<NodeId> = (1..=count as u32).map(NodeId).collect();
        let change = Change { row: Row::from("x"), by: -TAKES };
        let changes: BTreeMap<_, _> = participants.iter().map(|node| (*node, change.clone())).collect();
        // Participants that ask each other reach more states, and heal more.
        let ask_others = matches!(bug.id(), "" | "abort-not-remembered");
        let config = Settings { ask_others, ..Settings::new(T, participants) }.build()?;
        let names = Names::new(
            ["T"].iter().chain(&PARTICIPANTS[..count]).copied(),
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
            bounds = bounds.request(ClientId(client), Some(T), Command::Transact { changes: changes.clone() });
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of two-phase commit"), Safety::default(), bounds)?)
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

fn participants(state: &State<TwoPhase, Safety>) -> impl Iterator<Item = &TwoPhase> {
    state.machines().skip(1).flatten()
}

fn outcomes(node: &TwoPhase) -> impl Iterator<Item = Outcome> {
    node.outcomes().map(|(_, outcome)| outcome)
}

/// Whether a participant has committed a transaction.
fn commits(node: &TwoPhase) -> bool {
    outcomes(node).any(|outcome| outcome == Outcome::Commit)
}
