//! Model checking of NTP: a source and two hosts, whose clocks may be slow or fast within the
//! bound of their drift, and a request for the time at each host.

use quorate_bugs::time::ntp::NamedRulebook;
use quorate_lab::check::{Bounds, Clocks, Cluster, CrashPoints};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};
use quorate_time::Drift;
use quorate_time::ntp::{Command, Ntp, Safety, Settings, safety};

use super::{Budget, Goal, SearchTarget, Searched, all_up};
use crate::TargetError;
use crate::protocols::{NtpTarget, ToScenario};

const SOURCE: NodeId = NodeId(0);
/// Bound on the drift: 20 %, in ppm.
const DRIFT_PPM: u32 = 200_000;
/// Length of one clock tick. No host polls twice within the search.
const TICK: Duration = Duration::from_millis(10);

impl SearchTarget for NtpTarget {
    type Machine = Ntp;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(_: NamedRulebook) -> Budget {
        Budget { nodes: 2, requests: 2, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 4, depth: None }
    }

    fn under_rules(_: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let drift = Drift::ppm(DRIFT_PPM)?;
        let poll = Duration::from_millis(100);
        let usual = Settings::new([SOURCE]);
        let config = Settings { drift, source_error: Duration::ZERO, poll, max_poll: poll, ..usual }.build()?;
        let nodes = ["S".to_owned()].into_iter().chain((1..=budget.nodes).map(|number| format!("n{number}")));
        let names = Names::new(nodes, (1..=budget.requests).map(|client| format!("c{client}")));
        let rates = vec![-(DRIFT_PPM as i32), DRIFT_PPM as i32];
        let drifts = (1..=budget.nodes.min(2)).map(|host| (NodeId(host), rates.clone())).collect();
        let mut bounds = Bounds {
            clocks: Some(Clocks { drifts, ..Clocks::exact(TICK, budget.ticks) }),
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for client in 0..budget.requests {
            let host = NodeId(1 + client % budget.nodes.max(1));
            bounds = bounds.request(ClientId(client), Some(host), Command::Time);
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of NTP"), safety(Time::ZERO), bounds)?)
    }

    fn goals(_: &Budget) -> Vec<Goal<Self>> {
        vec![
            ("a clock is corrected", |state| state.machines().flatten().any(Ntp::is_corrected)),
            ("the clock of each host is corrected", |state| all_up(state, 1, Ntp::is_corrected)),
        ]
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}
