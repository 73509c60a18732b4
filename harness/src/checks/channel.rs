//! Model checking of a reliable channel: a sender S and a receiver R; each client has one message.

use quorate_bugs::channel::NamedRulebook;
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_time::channel::{Channel, Command, Payload, Safety, Settings};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{ChannelTarget, ToScenario};

const S: NodeId = NodeId(0);
const R: NodeId = NodeId(1);

/// The number of nodes is always two.
impl SearchTarget for ChannelTarget {
    type Machine = Channel;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let one =
            Budget { nodes: 2, requests: 1, firings: 1, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules.id() {
            "sent-is-delivered" | "rtt-from-a-repeat" => one,
            "evicts-and-acks" => Budget { requests: 2, ..one },
            "one-counter-for-all" => Budget { requests: 2, crashes: 1, restarts: 1, ..one },
            _ => Budget { requests: 2, firings: 2, crashes: 1, restarts: 1, ..one },
        }
    }

    /// The receiver has room for one segment under the bug that shows without room.
    fn under_rules(bug: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let room = (bug.id() == "evicts-and-acks").then_some(1);
        let config = Settings { window: 2, room, ..Settings::new(S, R) }.build()?;
        let names = Names::new(["S", "R"], (1..=budget.requests).map(|client| format!("c{client}")));
        let mut bounds = Bounds {
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for client in 0..budget.requests {
            let payload = Payload::from(format!("m{}", client + 1).as_str());
            bounds = bounds.request(ClientId(client), Some(S), Command::Send { payload });
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of a reliable channel"), Safety::default(), bounds)?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 && budget.firings > 0 {
            goals.push(("a message is processed", |state| processed(state) > 0));
        }
        if budget.requests > 1 && budget.firings > 1 {
            goals.push(("two messages are processed", |state| processed(state) > 1));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

fn processed(state: &State<Channel, Safety>) -> usize {
    state.disk(R).map_or(0, |disk| disk.processed.len())
}
