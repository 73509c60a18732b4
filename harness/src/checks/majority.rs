//! Model checking of majority leases: proposers A and B, acceptors X, Y, Z, and clocks at the drift
//! bound: A's clock is slow, those of the acceptors are fast.
//!
//! The violations begin with a lease that is held. So each search takes the shortest path to such a
//! state and explores every schedule from there.

use quorate_bugs::lease::NamedRulebook;
use quorate_lab::check::{Bounds, Clocks, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_lease::invariants::AtMostOnePrimary;
use quorate_lease::majority::{Command, MajorityLease, Message, Settings};
use quorate_lease::{Drift, LeaseId, Terms};
use quorate_protocol::{ClientId, Duration, Names, NodeId};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{LeaseMajorityTarget, ToScenario};

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);
/// Third proposer, for a bug that needs three.
const C: NodeId = NodeId(2);
/// First acceptor, where there are two proposers.
const X: NodeId = NodeId(2);
const ACCEPTORS: [&str; 7] = ["X", "Y", "Z", "W", "V", "U", "T"];

/// Clock drift bound: 20 %, in ppm.
const DRIFT_PPM: u32 = 200_000;
/// Length of one clock tick.
///
/// Acceptors count 30 ms, which last 25 ms on a fast clock, and after a restart they do not answer
/// for as long. Holders count 20 ms, which last 25 ms on a slow clock. A tick is just over 25 ms.
const TICK: Duration = Duration::from_millis(26);
/// Half a tick, where a holder must still hold the lease after one tick.
const HALF: Duration = Duration::from_millis(13);
/// Forward jump of a wall clock: just over the duration that an acceptor counts.
const JUMP: i64 = 31_000_000;

/// Number of proposers needed to expose a bug.
fn proposers(bug: NamedRulebook) -> usize {
    if bug.id() == "release-ignores-ballot" { 3 } else { 2 }
}

/// Requests by node: to act, at any moment; and a release before that, for bugs in releases.
fn requests(bug: NamedRulebook) -> Vec<(NodeId, Command)> {
    match bug.id() {
        "release-ignores-ballot" => vec![(A, Command::Release), (B, Command::Act)],
        _ => vec![(A, Command::Act), (B, Command::Act)],
    }
}

/// Search target: leases from a majority of acceptors.
impl SearchTarget for LeaseMajorityTarget {
    type Machine = MajorityLease;
    type Invariants = AtMostOnePrimary<LeaseId>;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebook) -> Budget {
        let drifting =
            Budget { nodes: 3, requests: 2, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 2, depth: None };
        match rules.id() {
            "restart-grants-at-once" => Budget { crashes: 1, restarts: 1, ticks: 3, ..drifting },
            "wall-clock" | "release-ignores-ballot" => Budget { ticks: 1, ..drifting },
            "no-drift-margin" | "counts-from-reply" => drifting,
            _ => Budget { depth: Some(13), ..drifting },
        }
    }

    fn under_rules(bug: NamedRulebook, rules: NamedRulebook, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let ms = Duration::from_millis;
        let (proposers, count) = (proposers(bug), usize::try_from(budget.nodes)?.min(ACCEPTORS.len()));
        let terms = Terms::new(ms(30), ms(20), ms(19), Drift::from_ppm(DRIFT_PPM)?)?;
        let nodes = |first: usize, count: usize| (first..first + count).map(|node| NodeId(node as u32));
        let acceptors: Vec<NodeId> = nodes(proposers, count).collect();
        let settings =
            Settings { acceptors: acceptors.clone(), proposers: nodes(0, proposers).collect(), terms, act_every: None };
        let names = Names::new(["A", "B", "C"][..proposers].iter().chain(&ACCEPTORS[..count]).copied(), ["c1", "c2"]);
        let setup = Setup::new(Self::NAME, names, settings.build()?).under_named(rules.id(), rules.rules);
        let ppm = DRIFT_PPM as i32;
        let tick = if bug.id() == "restart-grants-at-once" { HALF } else { TICK };
        let mut clocks = Clocks::exact(tick, budget.ticks);
        clocks.drifts = acceptors.iter().map(|&acceptor| (acceptor, vec![ppm])).collect();
        clocks.drifts.insert(A, vec![-ppm]);
        if bug.id() == "wall-clock" {
            (clocks.jumps, clocks.jump_by) = (1, vec![JUMP]);
        }
        let mut bounds = Bounds {
            clocks: Some(clocks),
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for (client, (of, command)) in (0..budget.requests).map(ClientId).zip(requests(bug)) {
            bounds = bounds.request(client, Some(of), command);
        }
        let title = "Every schedule of leases from a majority, in stages";
        Ok(Cluster::new(setup.title(title), AtMostOnePrimary::default(), bounds)?)
    }

    fn goals(_: &Budget) -> Vec<Goal<Self>> {
        vec![("A has won the lease", |state| holds(state, A)), ("B has won the lease", |state| holds(state, B))]
    }

    fn waypoints(rules: NamedRulebook) -> Vec<Goal<Self>> {
        let a_proposes: Goal<Self> = ("A proposes", |state| proposes(state, A));
        let a_wins: Goal<Self> = ("A has won the lease", |state| holds(state, A));
        let b_proposes: Goal<Self> =
            ("B proposes, while A holds the lease", |state| holds(state, A) && proposes(state, B));
        let b_wins: Goal<Self> = ("B has won it, and A has not noticed", |state| holds(state, A) && holds(state, B));
        match rules.id() {
            "no-drift-margin" | "wall-clock" => vec![a_proposes, a_wins, b_proposes, b_wins],
            "counts-from-reply" => vec![
                a_proposes,
                ("X and Y have accepted A", |state| accepted(state, 2) == [Some(A), Some(A), None]),
                ("A has received the votes a tick later", |state| state.tick() == 2 && holds(state, A)),
                b_proposes,
                b_wins,
            ],
            "restart-grants-at-once" => vec![
                a_proposes,
                ("X and Y have accepted A, and it has won the lease", |state| {
                    holds(state, A) && accepted(state, 2) == [Some(A), Some(A), None]
                }),
                ("X has restarted, and has forgotten A", |state| {
                    let up = state.machine(X).is_some();
                    up && holds(state, A) && accepted(state, 2) == [None, Some(A), None] && state.tick() == 2
                }),
                ("a tick has passed", |state| state.tick() == 3),
                b_proposes,
                b_wins,
            ],
            "release-ignores-ballot" => vec![
                a_proposes,
                ("A has won the lease by X and Y", |state| {
                    holds(state, A) && accepted(state, 3) == [Some(A), Some(A), None]
                }),
                ("B proposes, and Z has not received A's release", |state| {
                    proposes(state, B) && accepted(state, 3) == [None; 3]
                }),
                ("B has won the lease by X and Z", |state| {
                    holds(state, B) && accepted(state, 3) == [Some(B), None, Some(B)]
                }),
                ("Z has received a message of A", |state| {
                    holds(state, B) && accepted(state, 3) == [Some(B), None, None]
                }),
                ("C has won the lease", |state| holds(state, C)),
            ],
            _ => vec![a_proposes, a_wins],
        }
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

type Moment = State<MajorityLease, AtMostOnePrimary<LeaseId>>;

/// Whether a proposer believes that it holds the lease; it may not have noticed yet that the term
/// is over.
fn holds(state: &Moment, proposer: NodeId) -> bool {
    state.machine(proposer).is_some_and(|machine| machine.held().is_some())
}

/// Whether a proposal of that proposer is in flight.
fn proposes(state: &Moment, proposer: NodeId) -> bool {
    let is_it = |message: &Message| matches!(message, Message::Propose { ballot } if ballot.node == proposer);
    state.in_flight().any(|(_, _, message)| is_it(message))
}

/// Holders accepted by the first three acceptors; acceptors follow `proposers` proposers.
fn accepted(state: &Moment, proposers: u32) -> [Option<NodeId>; 3] {
    [0, 1, 2].map(|place| Some(state.machine(NodeId(proposers + place))?.accepted()?.node))
}
