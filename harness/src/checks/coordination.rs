//! Model checking of locks on a coordination service: A and B compete for the lock of a tree on one
//! server, so that the tree is atomic and the recipe alone is searched.
//!
//! The searches begin where the server leads and both clients have a session.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::check::{Bounds, Clocks, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_lease::{Drift, Terms};
use quorate_locks::coordination::{Belief, Command, Coordination, LockMode, Settings};
use quorate_locks::invariants::{Safety, invariants};
use quorate_protocol::{ClientId, Duration, Names, NodeId};
use quorate_raft as raft;

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{CoordinationKind, CoordinationOf, ToScenario};

const SERVER: NodeId = NodeId(0);
const NAMES: [&str; 4] = ["R", "A", "B", "C"];

/// Timeout of a session. A tick is just over it.
const SESSION: Duration = Duration::from_millis(30);
const TICK: Duration = Duration::from_millis(31);

/// Requests in the order in which a budget counts them: the client of the lock, and what.
fn requests(budget: &Budget) -> impl Iterator<Item = (u32, Command)> {
    let mode = LockMode::Exclusive;
    let all = [
        (1, Command::Acquire { mode }),
        (2, Command::Acquire { mode }),
        (1, Command::Act),
        (2, Command::Act),
        (1, Command::Release),
        (3, Command::Acquire { mode }),
    ];
    all.into_iter().take(budget.requests as usize)
}

impl<K: CoordinationKind> SearchTarget for CoordinationOf<K> {
    type Machine = Coordination;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(_: NamedRulebookOf<Self::Machine>) -> Budget {
        Budget { nodes: 3, requests: 5, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None }
    }

    fn under_rules(
        _: NamedRulebookOf<Self::Machine>,
        rules: NamedRulebookOf<Self::Machine>,
        budget: &Budget,
    ) -> Result<Searched<Self>, TargetError> {
        let never = Duration::from_secs(3_600);
        let session = Terms::longest(SESSION, Drift::NONE)?;
        // The one server leads as soon as its first timer has fired.
        let ms = Duration::from_millis;
        let servers = raft::Settings { election: ms(20)..ms(30), heartbeat: ms(19), ..raft::Settings::nodes(1) };
        let count = (budget.nodes as usize).clamp(2, NAMES.len());
        let usual = Settings::new(servers, (1..count as u32).map(NodeId), session);
        let settings = Settings { recipe: K::RECIPES[0], belief: Belief::OwnClock, answer_timeout: never, ..usual };
        let names = Names::new(NAMES[..count].iter().copied(), ["c1", "c2", "c3"]);
        let setup = Setup::new(Self::NAME, names, settings.build()?).under_named(rules.id(), rules.rules);
        let mut bounds = Bounds {
            clocks: Some(Clocks::exact(TICK, budget.ticks)).filter(|_| budget.ticks > 0),
            // One more, by which the server comes to lead.
            firings: budget.firings + 1,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for (holder, command) in requests(budget).filter(|(holder, _)| (*holder as usize) < count) {
            bounds = bounds.request(ClientId(holder - 1), Some(NodeId(holder)), command);
        }
        Ok(Cluster::new(setup.title("Every schedule of a lock on an atomic tree"), invariants(), bounds)?)
    }

    fn goals(_: &Budget) -> Vec<Goal<Self>> {
        vec![("A or B holds the lock", |state| !holders(state).is_empty())]
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

/// Locks that have been taken and not given up.
fn holders(state: &State<Coordination, Safety>) -> Vec<quorate_locks::AttemptId> {
    debug_assert!(state.machine(SERVER).is_some(), "no crash of the server is searched");
    state.machines().flatten().filter_map(Coordination::held).collect()
}
