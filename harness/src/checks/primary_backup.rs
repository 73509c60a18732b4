//! Model checking of a synchronous primary with a backup: by default one write at P, a backup B and
//! the monitor M. One interval of silence is a death, so that few timers suffice for a fail-over.

use quorate_bugs::replication::primary_backup::NamedRulebook;
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Names, NodeId};
use quorate_replication::primary_backup::{Command, Mode, PrimaryBackup, Safety, Settings};
use quorate_replication::{Key, Value};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{PrimaryBackupTarget, ToScenario};

const SERVERS: [&str; 7] = ["P", "B", "C", "D", "E", "F", "G"];
const P: NodeId = NodeId(0);
const B: NodeId = NodeId(1);

impl SearchTarget for PrimaryBackupTarget {
    type Machine = PrimaryBackup;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let one =
            Budget { nodes: 2, requests: 1, firings: 2, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules.id() {
            "acks-without-the-cut-off" => Budget { firings: 4, ..one },
            "promote-without-fence" => Budget { firings: 4, ..one },
            _ => one,
        }
    }

    fn under_rules(_: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let count = usize::try_from(budget.nodes)?.min(SERVERS.len());
        let monitor = NodeId(count as u32);
        let usual = Settings::new((0..count as u32).map(NodeId), monitor, Mode::Synchronous);
        let config = Settings { ping: usual.dead_after, ..usual }.build()?;
        let nodes = SERVERS[..count].iter().chain(&["M"]).copied();
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
            let key = Key::from("x");
            // A write is first; then reads and writes take turns.
            let command = if client.is_multiple_of(2) {
                Command::Write { key, value: Value::from(format!("{}", client + 1).as_str()) }
            } else {
                Command::Read { key }
            };
            bounds = bounds.request(ClientId(client), Some(P), command);
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of a primary with a backup"), Safety::default(), bounds)?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 {
            goals.push(("the backup has the write", |state| writes(state, B) > 0));
        }
        if budget.firings > 2 {
            goals.push(("the backup is promoted", |state| {
                state.machine(B).and_then(PrimaryBackup::view_known).is_some_and(|view| view.primary == B)
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

/// Number of writes at a server.
fn writes(state: &State<PrimaryBackup, Safety>, server: NodeId) -> u64 {
    state.machine(server).and_then(PrimaryBackup::state).map_or(0, |state| state.number)
}
