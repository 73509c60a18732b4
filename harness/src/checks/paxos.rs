//! Model checking of Basic Paxos: proposers A, B, C … are each asked once for a value of their own;
//! X, Y, Z are acceptors.

use quorate_bugs::NamedRulebookOf;
use quorate_lab::check::{Bounds, Cluster, CrashPoints, State};
use quorate_lab::script::{ExportError, Schedule};
use quorate_lab::sim::Setup;
use quorate_lab::trace::Recording;
use quorate_paxos::invariants::{Safety, invariants};
use quorate_paxos::{Command, Config, Message, Paxos, Value};
use quorate_protocol::{ClientId, Names, NodeId};

use super::{Budget, Goal, SearchTarget, Searched};
use crate::TargetError;
use crate::protocols::{PaxosMachine, PaxosOf, ToScenario};

/// Names of the proposers; their number is the maximum.
const PROPOSERS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];
const ACCEPTORS: [&str; 7] = ["X", "Y", "Z", "W", "V", "U", "T"];

/// Search target: Basic Paxos without learners. The votes show what is chosen.
impl<M: PaxosMachine> SearchTarget for PaxosOf<M> {
    type Machine = M;
    type Invariants = Safety;

    const NAME: &'static str = Self::NAME;

    fn budget(rules: NamedRulebookOf<M>) -> Budget {
        let two =
            Budget { nodes: 3, requests: 2, firings: 0, duplicates: 0, crashes: 0, restarts: 0, ticks: 0, depth: None };
        match rules.id() {
            "small-quorum" => Budget { nodes: 4, ..two },
            "duplicate-promise" => Budget { duplicates: 1, ..two },
            "ballot-reuse" | "forget-promise" | "forget-accepted" => Budget { crashes: 1, restarts: 1, ..two },
            "any-reported" | "lowest-reported" | "accept-no-raise" | "reports-promised" | "prepare-carries-value" => {
                Budget { requests: 3, ..two }
            }
            "mixed-promises" => Budget { firings: 1, ..two },
            _ => two,
        }
    }

    fn under_rules(
        bug: NamedRulebookOf<M>,
        rules: NamedRulebookOf<M>,
        budget: &Budget,
    ) -> Result<Searched<Self>, TargetError> {
        let proposers = usize::try_from(budget.requests)?.min(PROPOSERS.len());
        let acceptors = usize::try_from(budget.nodes)?.min(ACCEPTORS.len());
        // `ballot-reuse` needs one proposer that is asked twice.
        let proposers = if bug.id() == "ballot-reuse" { 1 } else { proposers };
        let nodes = |first: usize, count: usize| (first..first + count).map(|node| NodeId(node as u32));
        // `mixed-votes` is a bug of learners and needs one.
        let learners = usize::from(bug.id() == "mixed-votes");
        let (voters, learner_ids) = (nodes(proposers, acceptors), nodes(proposers + acceptors, learners));
        let config = Config::builder(nodes(0, proposers), voters, learner_ids).catch_up(None);
        // Half of the acceptors are a valid phase 2 quorum if the phase 1 quorum is larger by one.
        let config = if bug.id() == "small-quorum" { config.phase_2_quorum(acceptors / 2) } else { config };
        let config = config.build()?;
        let names = PROPOSERS[..proposers].iter().chain(&ACCEPTORS[..acceptors]).chain(&["L"][..learners]);
        let clients = (1..=budget.requests).map(|number| format!("c{number}"));
        let setup = Setup::new(Self::NAME, Names::new(names.copied(), clients), config.clone())
            .under_named(rules.id(), rules.rules);
        let mut bounds = Bounds {
            firings: budget.firings,
            duplicates: budget.duplicates,
            crashes: budget.crashes,
            restarts: budget.restarts,
            crash_points: CrashPoints::NONE,
            ..Bounds::default()
        };
        for request in 0..budget.requests {
            let value = Value::from(format!("v{}", request + 1));
            let of = NodeId(request % proposers as u32);
            bounds = bounds.request(ClientId(request), Some(of), Command::Propose { value, round: None });
        }
        Ok(Cluster::new(setup.title("Every schedule of Basic Paxos"), invariants(&config), bounds)?)
    }

    /// Acceptors are interchangeable. Proposers are not: ballots are ordered by proposer id.
    fn cluster(rules: NamedRulebookOf<M>, budget: &Budget) -> Result<Searched<Self>, TargetError> {
        let cluster = Self::without_symmetry(rules, budget)?;
        let config = &cluster.setup().constants.config();
        let acceptors = config.acceptors().to_vec();
        Ok(cluster.symmetric(&[acceptors])?)
    }

    fn goals(_: &Budget) -> Vec<Goal<Self>> {
        vec![
            ("v1 is chosen", |state| state.invariants().0.chosen().values().any(|(_, value)| value.as_str() == "v1")),
            ("v2 is chosen", |state| state.invariants().0.chosen().values().any(|(_, value)| value.as_str() == "v2")),
        ]
    }

    fn waypoints(rules: NamedRulebookOf<M>) -> Vec<Goal<Self>> {
        match rules.id() {
            "any-reported" | "lowest-reported" | "reports-promised" => vec![
                ("X alone has accepted v1", |state| votes(state, [X, Y, Z]) == [Some("v1"), None, None]),
                ("v2 is chosen by the others", |state| votes(state, [X, Y, Z]) == [Some("v1"), Some("v2"), Some("v2")]),
            ],
            "prepare-carries-value" => vec![
                ("v1 is chosen by Y and Z", |state| votes(state, [X, Y, Z]) == [None, Some("v1"), Some("v1")]),
                ("X has received v2", |state| votes(state, [X, Y, Z]) == [Some("v2"), Some("v1"), Some("v1")]),
            ],
            "accept-no-raise" => vec![
                ("A proposes v1", |state| proposes(state, "v1")),
                ("v2 is chosen by X and Y, and X has promised only A's ballot", |state| {
                    let of_a = reference(state, X).and_then(Paxos::promised).is_some_and(|ballot| ballot.node == A);
                    of_a && proposes(state, "v1") && votes(state, [X, Y, Z]) == [Some("v2"), Some("v2"), None]
                }),
                ("X accepts v1 after that", |state| votes(state, [X]) == [Some("v1")]),
            ],
            "mixed-promises" => vec![
                ("A starts a new ballot", |state| {
                    reference(state, A).and_then(Paxos::highest_ballot_used).is_some_and(|ballot| ballot.round > 1)
                }),
                ("v2 is chosen, and a promise to A is in flight from an acceptor that has voted since", |state| {
                    let is_old = |from: NodeId, message: &M::Message| {
                        let promised = M::known(message).is_some_and(
                            |message| matches!(message, Message::Promise { ballot, .. } if ballot.node == A),
                        );
                        promised && votes(state, [from]) == [Some("v2")]
                    };
                    let chosen = state.invariants().0.chosen().values().any(|(_, value)| value.as_str() == "v2");
                    chosen && state.in_flight().any(|(from, _, message)| is_old(from, message))
                }),
            ],
            _ => Vec::new(),
        }
    }

    fn schedule(cluster: &Searched<Self>, path: &Recording<Self::Machine>) -> Result<Schedule, ExportError> {
        <Self as ToScenario>::schedule(&cluster.setup().constants, path)
    }
}

/// Node ids in clusters with three proposers.
const A: NodeId = NodeId(0);
const X: NodeId = NodeId(3);
const Y: NodeId = NodeId(4);
const Z: NodeId = NodeId(5);

/// Latest accepted value of each acceptor.
fn votes<M: PaxosMachine, const N: usize>(state: &State<M, Safety>, acceptors: [NodeId; N]) -> [Option<&str>; N] {
    acceptors.map(|node| Some(reference(state, node)?.accepted()?.value.as_str()))
}

fn reference<M: PaxosMachine>(state: &State<M, Safety>, node: NodeId) -> Option<&Paxos> {
    state.machine(node).map(M::reference)
}

/// Whether an accept request with that value is in flight to X.
fn proposes<M: PaxosMachine>(state: &State<M, Safety>, wanted: &str) -> bool {
    let is_it = |message: &Message| matches!(message, Message::Accept { value, .. } if value.as_str() == wanted);
    state.in_flight().any(|(_, to, message)| to == X && M::known(message).is_some_and(is_it))
}
