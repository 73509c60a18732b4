//! Model checking of the replicated fenced store: fronts A and B, each with a token and values of
//! its own, and replicas X, Y, Z.

use quorate_bugs::lease::NamedRulebook;
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_lease::store::{Command, FencedStore, MarksHold, NoLostWrite, Settings};
use quorate_lease::{Token, Value};
use quorate_protocol::{ClientId, Duration, Names, NodeId};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{LeaseStoreTarget, ToScenario};

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);
const REPLICAS: [&str; 7] = ["X", "Y", "Z", "W", "V", "U", "T"];

/// Requests by node; the budget decides how many are used. Both fronts open the store, A under the
/// lower token, and write in turn.
fn requests() -> [(NodeId, Command); 6] {
    let open = |token| Command::Open { token: Token(token) };
    let write = |value| Command::Write { value: Value::from(value) };
    [(A, open(1)), (B, open(2)), (A, write("red")), (B, write("blue")), (A, write("green")), (B, write("black"))]
}

/// Search target: the replicated fenced store.
impl SearchTarget for LeaseStoreTarget {
    type Machine = FencedStore;
    type Invariants = (NoLostWrite, MarksHold);

    const NAME: &'static str = Self::NAME;

    fn budget(_: NamedRulebook) -> Budget {
        Budget { nodes: 3, requests: 3, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None }
    }

    fn under_rules(_: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let count = usize::try_from(budget.nodes)?.min(REPLICAS.len());
        let replicas = (2..2 + count as u32).map(NodeId).collect();
        let config = Settings { replicas, fronts: vec![A, B], retry: Duration::from_millis(20) }.build()?;
        let names = Names::new(["A", "B"].iter().chain(&REPLICAS[..count]).copied(), ["c1", "c2"]);
        let mut bounds = Bounds {
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for (front, command) in requests().into_iter().take(usize::try_from(budget.requests)?) {
            bounds = bounds.request(ClientId(front.0), Some(front), command);
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        let invariants = (NoLostWrite::default(), MarksHold::default());
        Ok(Cluster::new(setup.title("Every schedule of a replicated fenced store"), invariants, bounds)?)
    }

    /// Replicas are interchangeable. Fronts are not: equal tokens are ordered by the fronts' ids.
    fn cluster(rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let cluster = Self::without_symmetry(rules, budget)?;
        let replicas = cluster.setup().constants.config().replicas.clone();
        Ok(cluster.symmetric(&[replicas])?)
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = vec![("A serves under token 1", |state| serves(state, A) == Some(Token(1)))];
        if budget.requests > 1 {
            goals.push(("B serves under token 2", |state| serves(state, B) == Some(Token(2))));
        }
        if budget.requests > 2 {
            goals.push(("B serves, and a majority has A's write", |state| {
                serves(state, B) == Some(Token(2)) && stored(state, "red") * 2 > state.machines().count() - 2
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

type Moment = State<FencedStore, (NoLostWrite, MarksHold)>;

fn serves(state: &Moment, front: NodeId) -> Option<Token> {
    state.machine(front)?.serves()
}

/// Number of replicas whose newest value is this one.
fn stored(state: &Moment, wanted: &str) -> usize {
    let newest = |machine: &&FencedStore| {
        machine.newest().and_then(|newest| newest.value.as_ref()).is_some_and(|value| value.as_str() == wanted)
    };
    state.machines().flatten().filter(newest).count()
}
