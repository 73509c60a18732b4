//! Model checking of a replicated register: by default one write at n1 and reads at n2 and n3, with
//! majorities. Bugs of the other mode have a cluster of their own.

use quorate_bugs::replication::register::NamedRulebook;
use quorate_lab::check::{Bounds, Clocks, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_protocol::{ClientId, Duration, Names, NodeId};
use quorate_replication::register::{Available, Command, Mode, Order, Register, Safety, Session, Settings};
use quorate_replication::{Key, Value};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{RegisterTarget, ToScenario};

const REPLICAS: [&str; 7] = ["n1", "n2", "n3", "n4", "n5", "n6", "n7"];

/// Cluster and requests in which a bug shows.
struct Plan {
    mode: Mode,
    /// Whether requests go through an application A, which asks these replicas.
    through_app: bool,
    /// Replica of each request, and whether it is a write.
    requests: &'static [(u32, bool)],
}

fn plan(bug: &str) -> Plan {
    let ap = |order, session| {
        let available = Available { order, session, read_repair: false, ..Available::default() };
        Mode::Available(available)
    };
    let (mode, through_app, requests): (_, _, &'static [(u32, bool)]) = match bug {
        "older-overwrites" | "first-come-stays" => (Mode::Consistent, false, &[(0, true), (1, true)]),
        "stamp-unasked" => (Mode::Consistent, false, &[(1, true), (0, true)]),
        "tie-by-arrival" => (ap(Order::Lamport, Session::Off), false, &[(0, true), (1, true)]),
        "stamps-stand-still" => (ap(Order::Hybrid, Session::Off), true, &[(0, true), (0, true)]),
        "never-merges" => (ap(Order::Lamport, Session::Off), true, &[(1, true), (0, true)]),
        "receive-ignores-counter" => (ap(Order::Hybrid, Session::Off), true, &[(1, true), (0, true)]),
        "siblings-never-shed" => (ap(Order::Vector, Session::Off), true, &[(0, true), (0, true)]),
        "frontier-with-gaps" => (ap(Order::Vector, Session::Off), true, &[(0, true), (0, true), (0, true)]),
        "context-of-the-replica" => (ap(Order::Vector, Session::Off), false, &[(0, true), (0, true)]),
        "reads-back-from-replica" => (ap(Order::Lamport, Session::ReadYourWrites), true, &[(0, true), (1, false)]),
        _ => (Mode::Consistent, false, &[(0, true), (1, false), (2, false)]),
    };
    Plan { mode, through_app, requests }
}

impl SearchTarget for RegisterTarget {
    type Machine = Register;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let two =
            Budget { nodes: 3, requests: 2, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules.id() {
            "half-is-a-quorum" => Budget { nodes: 4, requests: 1, ..two },
            "ack-counts-twice" => Budget { nodes: 5, requests: 1, duplicates: 1, ..two },
            "register-ack-before-disk" => Budget { requests: 1, crashes: 1, restarts: 1, ..two },
            "tie-by-arrival" | "never-merges" | "reads-back-from-replica" => Budget { nodes: 2, ..two },
            // Hybrid clocks read the time.
            "receive-ignores-counter" => Budget { nodes: 2, ticks: 1, ..two },
            "stamps-stand-still" => Budget { nodes: 1, ticks: 1, ..two },
            "frontier-with-gaps" => Budget { nodes: 1, requests: 3, ..two },
            "siblings-never-shed" | "context-of-the-replica" => Budget { nodes: 1, ..two },
            _ => two,
        }
    }

    fn under_rules(bug: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let count = usize::try_from(budget.nodes)?.min(REPLICAS.len());
        let Plan { mode, through_app, requests } = plan(bug.id());
        let app = NodeId(count as u32);
        let apps = if through_app { vec![app] } else { Vec::new() };
        let config = Settings { apps, ..Settings::new((0..count as u32).map(NodeId), mode) }.build()?;
        let nodes = REPLICAS[..count].iter().chain(through_app.then_some(&"A")).copied();
        let names = Names::new(nodes, (1..=budget.requests).map(|client| format!("c{client}")));
        let clocks = (budget.ticks > 0).then(|| Clocks::exact(Duration::from_millis(1), budget.ticks));
        let mut bounds = Bounds {
            clocks,
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for client in 0..budget.requests {
            let (replica, writes) = requests[client as usize % requests.len()];
            let replica = NodeId(replica % count.max(1) as u32);
            // The first of three is of a client without a session.
            let (to, at) =
                if through_app && (budget.requests < 3 || client > 0) { (app, Some(replica)) } else { (replica, None) };
            let key = Key::from("x");
            let command = if writes {
                Command::Write { key, value: Value::from(format!("{}", client + 1).as_str()), at }
            } else {
                Command::Read { key, at }
            };
            bounds = bounds.request(ClientId(client), Some(to), command);
        }
        let setup = Setup::new(Self::NAME, names, config).under_named(rules.id(), rules.rules);
        Ok(Cluster::new(setup.title("Every schedule of a replicated register"), Safety::default(), bounds)?)
    }

    /// Replicas that no request goes to are interchangeable.
    fn cluster(rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let cluster = Self::without_symmetry(rules, budget)?;
        let requests = plan(rules.id()).requests;
        let asked: Vec<u32> = requests.iter().take(budget.requests as usize).map(|(replica, _)| *replica).collect();
        let replicas = &cluster.setup().constants.config().replicas;
        let others: Vec<NodeId> = replicas.iter().copied().filter(|node| !asked.contains(&node.0)).collect();
        if others.len() < 2 { Ok(cluster) } else { Ok(cluster.symmetric(&[others])?) }
    }

    fn goals(budget: &Budget) -> Vec<Goal<Self>> {
        let mut goals: Vec<Goal<Self>> = Vec::new();
        if budget.requests > 0 {
            goals.push(("every replica holds the write", |state| {
                let key = Key::from("x");
                state.machines().flatten().filter(|node| node.is_replica()).all(|node| !node.versions(&key).is_empty())
            }));
        }
        if budget.requests > 1 && budget.nodes > 2 {
            goals.push(("no request is under way, and the write is not everywhere", |state: &State<_, _>| {
                let key = Key::from("x");
                let holds = |node: &Register| !node.versions(&key).is_empty();
                let is_idle = state.machines().flatten().all(|node| node.pending() == 0);
                let (some, all) = (state.machines().flatten().any(holds), state.machines().flatten().all(holds));
                is_idle && some && !all
            }));
        }
        goals
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}
