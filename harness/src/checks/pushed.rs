//! Model checking of pushed leases: issuer Q, holders A and B, and a client that appoints B while
//! A's lease may run.

use quorate_bugs::lease::pushed::NamedRulebook;
use quorate_lab::check::{Bounds, Clocks, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_lease::invariants::{Safety, invariants};
use quorate_lease::pushed::{Command, Pushed, Settings};
use quorate_protocol::{ClientId, Duration, Names, NodeId};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{LeasePushedTarget, ToScenario};

const Q: NodeId = NodeId(0);
const A: NodeId = NodeId(1);
const B: NodeId = NodeId(2);

/// Length of one clock tick.
///
/// Q names A after one tick, for 30 ms. A stops 4 ms earlier, before the third tick after that, and
/// Q waits 4 ms longer, until that tick.
const TICK: Duration = Duration::from_millis(13);

impl SearchTarget for LeasePushedTarget {
    type Machine = Pushed;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let patient =
            Budget { nodes: 3, requests: 2, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 4, depth: None };
        match rules.id() {
            "forgets-end-on-restart" => Budget { crashes: 1, restarts: 1, ticks: 2, ..patient },
            "revokes-one-way" => Budget { ticks: 2, ..patient },
            _ => patient,
        }
    }

    fn under_rules(_: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let ms = Duration::from_millis;
        let config = Settings { every: ms(10), skew: ms(4), ..Settings::new(Q, [A, B], ms(30)) }.build()?;
        let names = Names::new(["Q", "A", "B"], ["c1", "c2", "c3"]);
        let mut bounds = Bounds {
            clocks: Some(Clocks::exact(TICK, budget.ticks)),
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        let requests = [(Q, Command::Appoint { holder: B }), (A, Command::Act), (B, Command::Act)];
        for (client, (of, command)) in (0..budget.requests).map(ClientId).zip(requests) {
            bounds = bounds.request(client, Some(of), command);
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of leases that are pushed"), invariants(), bounds)?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.ticks > 0 {
            goals.push(("Q has named A", |state| named(state) == Some(A)));
        }
        if budget.ticks > 3 && budget.requests > 0 {
            goals.push(("Q has named B", |state| named(state) == Some(B)));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

fn named(state: &State<Pushed, Safety>) -> Option<NodeId> {
    Some(state.machine(Q)?.issued()?.holder)
}
