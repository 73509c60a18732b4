//! Test cases for two-phase commit: named faults, then random faults.

use std::collections::BTreeMap;

use quorate_lab::sim::{ClientRequest, Conditions, CrashPoint, Fault, FaultPlan, Latency, RetryPolicy, Rng};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};
use quorate_transactions::Row;
use quorate_transactions::two_phase::{Change, Command, Settings};

use super::{Aim, TwoPhaseSuite};
use crate::grade::build::Trial;

type Case = crate::grade::build::Case<TwoPhaseSuite>;

/// Cases, each with its numbers of fixed and fresh runs.
pub(super) const ALL: &[Trial<TwoPhaseSuite>] = &[
    ("one transaction after another commits", quiet, (2, 2)),
    ("a participant cannot make its change", refused, (1, 0)),
    ("transactions wait for a row", compete, (10, 10)),
    ("participants restart", participants_restart, (20, 20)),
    ("the coordinator restarts", coordinator_restarts, (30, 30)),
    ("participants ask each other while the coordinator is down", ask_others, (20, 20)),
    ("links are cut", cut_links, (15, 15)),
    ("messages are slow, are lost, and come twice", slow, (15, 15)),
    ("random faults", random_faults, (30, 30)),
];

const MS: fn(u64) -> Duration = Duration::from_millis;
const COORDINATOR: u32 = 0;
const PARTICIPANTS: [u32; 3] = [1, 2, 3];
const CLIENTS: u32 = 3;
/// Clients whose requests come after the recovery, each for one row of all participants.
pub(super) const LATECOMERS: [(ClientId, &str); 2] = [(ClientId(CLIENTS), "a"), (ClientId(CLIENTS + 1), "b")];
/// Number of requests of each of them. Earlier ones may be aborted: they may meet those that other
/// clients repeat.
const LATE_REQUESTS: u64 = 4;
/// Duration of the fault window.
const SPAN: Duration = Duration::from_secs(3);
/// Delay after the fault window before the recovery is checked: participants in doubt have asked.
const RECOVERED: Duration = Duration::from_secs(1);
/// Recovery window.
const CALM: Duration = Duration::from_secs(7);
/// Retry policy: clients retry until the end of the run.
const STUBBORN: RetryPolicy = RetryPolicy { timeout: MS_250, attempts: u32::MAX, rotates: false };
const MS_250: Duration = Duration::from_millis(250);

fn settings() -> Settings {
    Settings::new(NodeId(COORDINATOR), PARTICIPANTS.map(NodeId))
}

/// Changes, each of a row of a participant.
fn transact(changes: &[(u32, &str, i64)]) -> Command {
    let change = |(node, row, by): &(u32, &str, i64)| (NodeId(*node), Change { row: Row::from(*row), by: *by });
    Command::Transact { changes: changes.iter().map(change).collect::<BTreeMap<_, _>>() }
}

impl Case {
    /// Fault-free cluster without requests.
    fn empty(title: &'static str, settings: Settings) -> Self {
        Case {
            title,
            config: settings.build().expect("each node has one role"),
            names: Names::new(["T", "order", "stock", "payment"], ["c1", "c2", "c3", "late-a", "late-b"]),
            conditions: FaultPlan::none().conditions,
            retry_policy: STUBBORN,
            requests: Vec::new(),
            faults: Vec::new(),
            fault_window: SPAN,
            recovery_window: CALM,
            must: "every request is answered, nobody stays in doubt, and new transactions commit",
            messages_max: 40_000,
            aim: Aim::Recovery,
        }
    }

    fn ask(&mut self, at: Duration, client: ClientId, command: Command) {
        let of = Some(NodeId(COORDINATOR));
        self.requests.push(ClientRequest { at: Time::ZERO + at, client, of, command });
    }

    /// Random requests while there are faults. At the end every row must be free.
    fn busy(title: &'static str, seed: u64, settings: Settings) -> Self {
        let mut case = Case::empty(title, settings);
        let mut rng = Rng::new(seed, u64::MAX - 1);
        for number in 0..45 {
            let at = Duration::from_nanos(rng.below(nanos(SPAN)));
            case.ask(at, ClientId(number % CLIENTS), transfer(&mut rng));
        }
        case.requests.sort_by_key(|request| request.at);
        case.late()
    }

    /// Adds transactions on all rows, after the recovery.
    fn late(mut self) -> Self {
        for turn in 0..LATE_REQUESTS {
            for (client, row) in LATECOMERS {
                let at = SPAN + RECOVERED + MS(700 * turn);
                self.ask(at, client, transact(&PARTICIPANTS.map(|node| (node, row, 1))));
            }
        }
        self
    }
}

/// A move of up to six between two participants, or a payment to all three.
fn transfer(rng: &mut Rng) -> Command {
    let mut row = || if rng.below(3) == 0 { "b" } else { "a" };
    let (one, other, third) = (row(), row(), row());
    let by = 1 + rng.below(6) as i64;
    let from = rng.below(3) as usize;
    let node = |step: usize| PARTICIPANTS[(from + step) % 3];
    match rng.below(4) {
        0 => transact(&[(node(0), one, -by), (node(1), other, by - 1), (node(2), third, 1)]),
        1 => transact(&[(node(0), one, -by), (node(2), other, by)]),
        _ => transact(&[(node(0), one, -by), (node(1), other, by)]),
    }
}

/// Random stream of the faults, separate from that of the requests.
fn faults_rng(seed: u64) -> Rng {
    Rng::new(seed, u64::MAX - 2)
}

fn quiet(title: &'static str, _: u64) -> Case {
    let mut case = Case::empty(title, settings());
    for turn in 0..8 {
        let [one, other, _] = PARTICIPANTS;
        let command = transact(&[(one, "a", 1), (other, "a", -1)]);
        case.ask(MS(200 * turn), ClientId(turn as u32 % CLIENTS), command);
    }
    Case { aim: Aim::Commits(8), must: "every request is committed", ..case }
}

/// Ten apples: seven, one, and then there are not enough; and enough again.
fn refused(title: &'static str, _: u64) -> Case {
    let mut case = Case::empty(title, settings());
    let [order, stock, payment] = PARTICIPANTS;
    let sales = [-3, -6, -2, -1, -1, 5, -6, -5];
    for (turn, by) in (0..).zip(sales) {
        let command = transact(&[(order, "a", 1), (stock, "a", by), (payment, "b", 2)]);
        case.ask(MS(300 * turn), ClientId(turn as u32 % CLIENTS), command);
    }
    Case { aim: Aim::Commits(5), must: "what is possible is committed, and what is not is aborted", ..case }
}

/// Clients want the same rows at the same time; some of the transactions deadlock.
fn compete(title: &'static str, seed: u64) -> Case {
    let mut case = Case::empty(title, settings());
    let mut rng = faults_rng(seed);
    for turn in 0..10 {
        for client in 0..CLIENTS {
            let command = transfer(&mut rng);
            case.ask(MS(280 * turn) + Duration::from_micros(rng.below(3_000)), ClientId(client), command);
        }
    }
    case.requests.sort_by_key(|request| request.at);
    case.late()
}

/// A node goes down and comes back, at a moment of its steps.
fn down_and_up(case: Case, rng: &mut Rng, at: Duration, node: u32, down: Duration) -> Case {
    let point = match rng.below(5) {
        0 => CrashPoint::BetweenSteps,
        1 => CrashPoint::BeforePersist { kept: 0 },
        2 => CrashPoint::AfterPersist,
        _ => CrashPoint::AfterSends { sent: 1 + rng.below(2) as u32 },
    };
    case.pair(at, Fault::Crash { node: NodeId(node), point }, down, Fault::Restart(NodeId(node)))
}

/// Participants crash while another one cannot vote, so that transactions stay open.
fn participants_restart(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_rng(seed);
    (0..14).fold(Case::busy(title, seed, settings()), |case, turn| {
        let (node, slow) = (PARTICIPANTS[rng.below(3) as usize], PARTICIPANTS[rng.below(3) as usize]);
        let at = MS(100 + 200 * turn + rng.below(60));
        let cut = Fault::Link { from: NodeId(slow), to: NodeId(COORDINATOR), up: false };
        let case = case.pair(at, cut, MS(60), Fault::Heal);
        let down = MS(1 + rng.below(40));
        down_and_up(case, &mut rng, at + MS(30), node, down)
    })
}

fn coordinator_restarts(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_rng(seed);
    (0..12).fold(Case::busy(title, seed, settings()), |case, turn| {
        let at = MS(100 + 230 * turn + rng.below(60));
        let down = MS(1 + rng.below(120));
        down_and_up(case, &mut rng, at, COORDINATOR, down)
    })
}

/// The coordinator is down for long, while a request to prepare may still be on its way.
fn ask_others(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_rng(seed);
    let latency = Latency::Uniform { min: MS(1), max: MS(80) };
    let case = Case::busy(title, seed, Settings { ask_others: true, vote_timeout: MS(200), ..settings() });
    let case = Case { conditions: Conditions { latency, ..case.conditions }, ..case };
    (0..6).fold(case, |case, turn| {
        let at = MS(100 + 450 * turn + rng.below(60));
        down_and_up(case, &mut rng, at, COORDINATOR, MS(200))
    })
}

fn cut_links(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_rng(seed);
    (0..10).fold(Case::busy(title, seed, settings()), |case, turn| {
        let node = NodeId(PARTICIPANTS[rng.below(3) as usize]);
        let (from, to) = if rng.below(2) == 0 { (NodeId(COORDINATOR), node) } else { (node, NodeId(COORDINATOR)) };
        case.pair(MS(50 + 280 * turn + rng.below(60)), Fault::Link { from, to, up: false }, MS(200), Fault::Heal)
    })
}

fn slow(title: &'static str, seed: u64) -> Case {
    let latency = Latency::Uniform { min: MS(1), max: MS(60) };
    let case = Case::busy(title, seed, Settings { vote_timeout: MS(150), ..settings() });
    Case { conditions: Conditions { latency, ..FaultPlan::harsh().conditions }, ..case }
}

fn random_faults(title: &'static str, seed: u64) -> Case {
    let fault_plan = FaultPlan::harsh();
    let case = Case::busy(title, seed, Settings { ask_others: seed.is_multiple_of(2), ..settings() });
    Case { conditions: fault_plan.conditions, faults: fault_plan.schedule(seed, 4, SPAN), ..case }
}
