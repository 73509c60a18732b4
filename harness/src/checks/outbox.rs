//! Model checking of the local message table: a shop S, a broker B and a stock R; two clients order
//! one and two apples.

use quorate_bugs::transactions::outbox::NamedRulebook;
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_transactions::Row;
use quorate_transactions::outbox::{Command, MessageTable, Safety, Settings};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{OutboxTarget, ToScenario};

const S: NodeId = NodeId(0);
const B: NodeId = NodeId(1);
const R: NodeId = NodeId(2);

/// The number of nodes is always three.
impl SearchTarget for OutboxTarget {
    type Machine = MessageTable;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let one =
            Budget { nodes: 3, requests: 1, firings: 2, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules.id() {
            "deletes-before-confirmed" | "removed-on-delivery" | "ack-on-receipt" => one,
            "confirms-unwritten" | "row-then-event" | "event-then-row" | "change-then-id" => {
                Budget { crashes: 1, restarts: 1, ..one }
            }
            "last-confirmation-wins" | "marks-unread-rows" => Budget { requests: 2, ..one },
            "no-memory-of-ids" => Budget { firings: 3, ..one },
            "memory-shorter-than-redelivery" => Budget { requests: 2, firings: 4, ..one },
            _ => Budget { requests: 2, firings: 3, crashes: 1, restarts: 1, ..one },
        }
    }

    fn under_rules(_: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let config = Settings::new(S, B, R).build()?;
        let names = Names::new(["S", "B", "R"], (1..=budget.requests).map(|client| format!("c{client}")));
        let mut bounds = Bounds {
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints { before_persist: true, ..CrashPoints::NONE },
            ..Bounds::default()
        };
        for client in 0..budget.requests {
            let command = Command::Place { item: Row::from("apples"), units: u64::from(client) + 1 };
            bounds = bounds.request(ClientId(client), Some(S), command);
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of a local message table"), Safety::default(), bounds)?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 && budget.firings > 0 {
            goals.push(("an order is shipped", |state| shipped(state) > 0));
        }
        if budget.requests > 1 && budget.firings > 1 {
            goals.push(("both orders are shipped", |state| shipped(state) == 3));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

fn shipped(state: &State<MessageTable, Safety>) -> u64 {
    state.machine(R).map_or(0, MessageTable::shipped_in_all)
}
