//! Model checking of Paxos Commit: leaders T and U, acceptors X, Y and Z, and participants P, Q, R
//! …, on each of which every transaction takes six of the ten in one row.

use std::collections::BTreeMap;

use quorate_bugs::transactions::paxos_commit::NamedRulebook;
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_transactions::paxos_commit::{PaxosCommit, Safety, Settings};
use quorate_transactions::two_phase::{Change, Command, Outcome};
use quorate_transactions::{AtomicCommit, Row};

use super::{Budget, Goal, SearchTarget, Searched, all_up};
use crate::TargetError;
use crate::protocols::{PaxosCommitTarget, ToScenario};

const LEADERS: [NodeId; 2] = [NodeId(0), NodeId(1)];
const ACCEPTORS: [NodeId; 3] = [NodeId(2), NodeId(3), NodeId(4)];
const OTHERS: [&str; 5] = ["T", "U", "X", "Y", "Z"];
const PARTICIPANTS: [&str; 7] = ["P", "Q", "R", "S", "V", "W", "A"];

/// Amount that every transaction takes from each participant: one of two can be committed.
const TAKES: i64 = 6;

impl SearchTarget for PaxosCommitTarget {
    type Machine = PaxosCommit;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let one =
            Budget { nodes: 1, requests: 1, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules.id() {
            "vote-of-one-acceptor" => one,
            "commits-undecided" => Budget { nodes: 2, ..one },
            "accepted-not-durable" => Budget { firings: 1, crashes: 1, restarts: 1, ..one },
            "instance-of-two-attempts" => Budget { requests: 2, crashes: 1, restarts: 1, ..one },
            "" => Budget { nodes: 2, firings: 1, crashes: 1, restarts: 1, ..one },
            _ => Budget { firings: 1, ..one },
        }
    }

    fn under_rules(bug: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let _ = bug;
        let count = usize::try_from(budget.nodes)?.min(PARTICIPANTS.len());
        let participants: Vec<NodeId> = (0..count as u32).map(|place| NodeId(OTHERS.len() as u32 + place)).collect();
        let change = Change { row: Row::from("x"), by: -TAKES };
        let changes: BTreeMap<_, _> = participants.iter().map(|node| (*node, change.clone())).collect();
        let config = Settings::new(LEADERS, participants, ACCEPTORS).build()?;
        let names = Names::new(
            OTHERS.iter().chain(&PARTICIPANTS[..count]).copied(),
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
            bounds = bounds.request(ClientId(client), Some(LEADERS[0]), Command::Transact { changes: changes.clone() });
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of Paxos Commit"), Safety::default(), bounds)?)
    }

    /// Participants are interchangeable, each with the same row, of which it loses as much; and so
    /// are acceptors.
    fn cluster(rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let cluster = Self::without_symmetry(rules, budget)?;
        let participants = cluster.setup().constants.config().participants.clone();
        Ok(cluster.symmetric(&[participants, ACCEPTORS.to_vec()])?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 {
            goals.push(("all commit a transaction", |state| all_up(state, OTHERS.len(), commits)));
            goals.push(("a participant is in doubt", |state| {
                participants(state).any(|node| node.in_doubt().next().is_some())
            }));
        }
        if budget.requests > 0 && budget.firings > 0 {
            goals.push(("a participant aborts a transaction", |state| {
                participants(state).any(|node| outcomes(node).any(|outcome| outcome == Outcome::Abort))
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

fn participants(state: &State<PaxosCommit, Safety>) -> impl Iterator<Item = &PaxosCommit> {
    state.machines().skip(OTHERS.len()).flatten()
}

fn outcomes(node: &PaxosCommit) -> impl Iterator<Item = Outcome> {
    node.outcomes().map(|(_, outcome)| outcome)
}

/// Whether a participant has committed a transaction.
fn commits(node: &PaxosCommit) -> bool {
    outcomes(node).any(|outcome| outcome == Outcome::Commit)
}
