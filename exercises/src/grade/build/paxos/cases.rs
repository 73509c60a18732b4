//! Test cases for Paxos: named faults, then random faults.

use quorate_lab::sim::{ClientRequest, Conditions, CrashPoint, Fault, FaultPlan, Latency, Ppm, RetryPolicy, Rng};
use quorate_paxos::{Command, Config, Value};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};

use super::PaxosSuite;
use crate::grade::build::Trial;

type Case = crate::grade::build::Case<PaxosSuite>;

/// Cases, each with its numbers of fixed and fresh runs.
pub(super) const ALL: &[Trial<PaxosSuite>] = &[
    ("one client, no faults", one_client, (2, 2)),
    ("basic agreement: later clients get the chosen value", latecomers, (2, 2)),
    ("duelling proposers reach agreement", duel, (5, 5)),
    ("agreement with a minority down", minority_down, (2, 2)),
    ("no agreement while a majority is down, agreement when it is back", majority_down, (2, 2)),
    ("persistence: all nodes restart, and nothing is forgotten", all_restart, (5, 5)),
    ("a proposer restarts with another client's value", proposer_restarts, (3, 3)),
    ("rejoin: nodes behind a partition learn the value after it heals", rejoin, (3, 3)),
    ("every message is duplicated", twice, (5, 5)),
    ("four acceptors, two on each side", two_and_two, (3, 3)),
    ("proposers, acceptors and learners on separate nodes", roles_apart, (5, 5)),
    ("quorums of other sizes than majorities", other_quorums, (5, 5)),
    ("an unreliable network", unreliable, (20, 20)),
    ("random faults, three nodes", |title, seed| random_faults(title, seed, symmetric(3)), (40, 40)),
    ("random faults, five nodes", |title, seed| random_faults(title, seed, symmetric(5)), (25, 25)),
    ("random faults, roles on separate nodes", |title, seed| random_faults(title, seed, apart(3, 3)), (25, 25)),
];

const MS: fn(u64) -> Duration = Duration::from_millis;

impl Case {
    /// Case without requests and without faults.
    fn quiet(title: &'static str, (config, nodes): (Config, Vec<String>)) -> Self {
        let clients = (1..=CLIENTS).map(|number| format!("c{number}"));
        Case {
            title,
            config,
            names: Names::new(nodes, clients),
            conditions: FaultPlan::none().conditions,
            retry_policy: STUBBORN,
            requests: Vec::new(),
            faults: Vec::new(),
            fault_window: Duration::ZERO,
            recovery_window: CALM,
            must: MUST,
            messages_max: 5_000,
            aim: (),
        }
    }

    /// Adds a client request to have a value chosen.
    fn asks(mut self, at: Duration, client: u32, of: u32) -> Self {
        let value = Value::from(format!("v{}", client + 1));
        let command = Command::Propose { value, round: None };
        self.requests.push(ClientRequest {
            at: Time::ZERO + at,
            client: ClientId(client),
            of: Some(NodeId(of)),
            command,
        });
        self
    }
}

/// Goal of every run.
const MUST: &str = "every client gets a reply, and every learner that is up knows the chosen value";
/// Retry policy: clients retry until the end of the run, always at the same node.
const STUBBORN: RetryPolicy = RetryPolicy { timeout: Duration::from_millis(500), attempts: u32::MAX, rotates: false };
/// Recovery window: long enough for solutions that wait at most a few seconds before they retry.
const CALM: Duration = Duration::from_secs(60);
const CLIENTS: u32 = 3;
const AT_ONCE: CrashPoint = CrashPoint::BetweenSteps;

/// Cluster in which every node plays every role.
fn symmetric(nodes: u32) -> (Config, Vec<String>) {
    (Config::symmetric(nodes).expect("there are nodes"), (1..=nodes).map(|number| format!("n{number}")).collect())
}

/// Cluster with proposers, acceptors and two learners on separate nodes.
fn apart(proposers: u32, acceptors: u32) -> (Config, Vec<String>) {
    let nodes = |start, count: u32| (start..start + count).map(NodeId);
    let config = Config::new(nodes(0, proposers), nodes(proposers, acceptors), nodes(proposers + acceptors, 2));
    let named = |prefix, count: u32| (1..=count).map(move |number| format!("{prefix}{number}"));
    let names = named("P", proposers).chain(named("A", acceptors)).chain(named("L", 2)).collect();
    (config.expect("every role has a node"), names)
}

fn one_client(title: &'static str, _: u64) -> Case {
    let case = Case::quiet(title, symmetric(3)).asks(MS(10), 0, 0);
    Case { messages_max: 200, ..case }
}

fn latecomers(title: &'static str, _: u64) -> Case {
    Case::quiet(title, symmetric(5)).asks(MS(10), 0, 0).asks(MS(500), 1, 1).asks(MS(800), 2, 4)
}

fn duel(title: &'static str, _: u64) -> Case {
    Case::quiet(title, symmetric(5)).asks(MS(10), 0, 0).asks(MS(10), 1, 1).asks(MS(12), 2, 2)
}

fn minority_down(title: &'static str, _: u64) -> Case {
    let case = Case::quiet(title, symmetric(5)).crash(MS(1), 3, AT_ONCE).crash(MS(1), 4, AT_ONCE);
    case.asks(MS(10), 0, 0).asks(MS(10), 1, 1)
}

fn majority_down(title: &'static str, _: u64) -> Case {
    let down = (2..5).fold(Case::quiet(title, symmetric(5)), |case, node| case.crash(MS(1), node, AT_ONCE));
    let asked = down.asks(MS(10), 0, 0).asks(MS(10), 1, 1);
    (2..5).fold(asked, |case, node| case.restart(MS(3_000 + u64::from(node)), node))
}

/// Crashes at critical points: after a write but before the messages, or after some of them.
fn all_restart(title: &'static str, seed: u64) -> Case {
    let mut rng = Rng::new(seed, u64::MAX - 1);
    let case = Case::quiet(title, symmetric(3)).asks(MS(10), 0, 0).asks(MS(600), 1, 1).asks(MS(1_200), 2, 2);
    (0..3).fold(case, |case, node| {
        let moment = match rng.below(3) {
            0 => CrashPoint::AfterPersist,
            1 => CrashPoint::AfterSends { sent: rng.below(2) as u32 },
            _ => AT_ONCE,
        };
        let down = MS(11 + rng.below(10));
        case.crash(down, node, moment).restart(MS(100), node).crash(MS(590), node, AT_ONCE).restart(MS(595), node)
    })
}

/// The proposer crashes after it has sent its proposal to one acceptor, and gets a new client after
/// its restart.
fn proposer_restarts(title: &'static str, _: u64) -> Case {
    let case = Case::quiet(title, symmetric(3)).asks(MS(10), 0, 0);
    let case = Case { conditions: Conditions::steady(MS(1)), ..case };
    // Requested at 11 ms, it prepares, and has its promises at 13 ms: then it proposes.
    let crashed = case.crash(Duration::from_micros(12_500), 0, CrashPoint::AfterSends { sent: 1 });
    crashed.restart(MS(50), 0).asks(MS(60), 1, 0)
}

fn rejoin(title: &'static str, _: u64) -> Case {
    let case = Case::quiet(title, symmetric(5)).part(MS(1), &[&[0, 1], &[2, 3, 4]]);
    case.asks(MS(10), 0, 0).asks(MS(20), 1, 2).asks(MS(30), 2, 3).fault_at(MS(2_000), Fault::Heal)
}

fn twice(title: &'static str, _: u64) -> Case {
    let case = Case::quiet(title, symmetric(5)).part(MS(1), &[&[0, 1], &[2, 3, 4]]);
    let latency = Latency::Uniform { min: MS(1), max: MS(20) };
    let conditions = Conditions { duplication: Ppm::percent(100), latency, ..case.conditions };
    let healed = case.asks(MS(10), 0, 0).asks(MS(10), 1, 2).fault_at(MS(1_500), Fault::Heal);
    Case { conditions, fault_window: MS(3_000), ..healed }
}

fn two_and_two(title: &'static str, _: u64) -> Case {
    let case = Case::quiet(title, symmetric(4)).part(MS(1), &[&[0, 1], &[2, 3]]);
    case.asks(MS(10), 0, 0).asks(MS(10), 1, 2).fault_at(MS(1_500), Fault::Heal)
}

fn roles_apart(title: &'static str, _: u64) -> Case {
    Case::quiet(title, apart(2, 3)).asks(MS(10), 0, 0).asks(MS(15), 1, 1).asks(MS(400), 2, 1)
}

fn other_quorums(title: &'static str, seed: u64) -> Case {
    let all = || (0..4).map(NodeId);
    let config = Config::builder(all(), all(), all()).phase_1_quorum(3).phase_2_quorum(2).build();
    let cluster = (config.expect("3 + 2 is more than 4"), symmetric(4).1);
    Case { conditions: FaultPlan::mild().conditions, ..random_faults(title, seed, cluster) }
}

fn unreliable(title: &'static str, seed: u64) -> Case {
    Case { faults: Vec::new(), ..random_faults(title, seed, symmetric(3)) }
}

/// All kinds of faults. After the recovery one more request: if crashes made all learners forget
/// and later votes hide those that chose, only a new proposal can tell what was chosen (*Paxos Made
/// Simple* §2.3).
fn random_faults(title: &'static str, seed: u64, cluster: (Config, Vec<String>)) -> Case {
    let mut rng = Rng::new(seed, u64::MAX - 1);
    let fault_plan = FaultPlan::harsh();
    let case = Case::quiet(title, cluster);
    let (nodes, proposers) = (case.names.nodes().len() as u32, case.config.proposers().len() as u32);
    let asked = (0..CLIENTS).fold(case, |case, client| case.asks(MS(rng.below(300)), client, client % proposers));
    let faults = fault_plan.schedule(seed, nodes, EVENTFUL);
    let case = asked.asks(SPAN + MS(1), 0, 0);
    Case { conditions: fault_plan.conditions, faults, fault_window: SPAN, messages_max: 20_000, ..case }
}

/// Window in which requests arrive and faults begin. A single decision is made soon, and later
/// faults would meet nodes that have nothing left to do.
const EVENTFUL: Duration = Duration::from_secs(1);
const SPAN: Duration = Duration::from_secs(4);
