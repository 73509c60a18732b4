//! Model checking of single-granter leases: Q grants, A and B hold; their clocks may be slow or
//! fast within the drift bound.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::check::{Bounds, Clocks, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_lease::invariants::{Safety, invariants};
use quorate_lease::{Drift, Settings, Terms};
use quorate_protocol::{Duration, Names, NodeId};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{LeaseMachine, LeaseOf, ToScenario};

const Q: NodeId = NodeId(0);
const A: NodeId = NodeId(1);
const B: NodeId = NodeId(2);

/// Clock drift bound: 20 %, in ppm.
const DRIFT_PPM: u32 = 200_000;
/// Length of one clock tick.
///
/// Q grants for 30 ms, which last 25 ms on a fast clock. Holders count 20 ms, which last 25 ms on a
/// slow clock. Two ticks are just over 25 ms.
const TICK: Duration = Duration::from_millis(13);

/// Search target: leases of a single granter.
impl<M: LeaseMachine> SearchTarget for LeaseOf<M> {
    type Machine = M;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebookOf<M>) -> Budget {
        let drifting = Budget {
            nodes: 3,
            requests: 0,
            firings: 0,
            duplicates: 0,
            crashes: 0,
            restarts: 0,
            ticks: 2,
            depth: Some(11),
        };
        match rules.id() {
            "" => Budget { depth: None, ..drifting },
            "restart-grants-at-once" => Budget { crashes: 1, restarts: 1, ..drifting },
            _ => drifting,
        }
    }

    /// No symmetry reduction: the holder whose clock drifts is not interchangeable with the other.
    fn under_rules(
        bug: NamedRulebookOf<M>,
        rules: NamedRulebookOf<M>,
        budget: &Budget,
    ) -> Result<Searched<Self>, TargetError> {
        let ms = Duration::from_millis;
        let terms = Terms::new(ms(30), ms(20), ms(10), Drift::from_ppm(DRIFT_PPM)?)?;
        let config = Settings::new(Q, [A, B], terms).build()?;
        let setup =
            Setup::new(Self::NAME, Names::new(["Q", "A", "B"], [""; 0]), config).under_named(rules.id(), rules.rules);
        let mut clocks = Clocks::exact(TICK, budget.ticks).within(DRIFT_PPM as i32, [Q, A]);
        if bug.id() == "wall-clock" {
            clocks = Clocks { jumps: 1, jump_by: vec![30_000_000], ..Clocks::exact(TICK, budget.ticks) };
        }
        let bounds = Bounds {
            clocks: Some(clocks),
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        Ok(Cluster::new(setup.title("Every schedule of a lease"), invariants(), bounds)?)
    }

    fn goals(_: &Budget) -> Vec<Goal<Self>> {
        vec![
            ("A is granted the primary lease", |state| grantee(state) == Some(A)),
            ("B is granted the primary lease", |state| grantee(state) == Some(B)),
        ]
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

fn grantee<M: LeaseMachine>(state: &State<M, Safety>) -> Option<NodeId> {
    state.machine(Q)?.reference().grantee()
}
