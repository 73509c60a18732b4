//! Test cases for a register that answers at once: named faults, then random faults.

use quorate_lab::sim::{ClientRequest, Conditions, CrashPoint, Fault, FaultPlan, Latency, RetryPolicy, Rng};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};
use quorate_replication::register::{Available, Command, Config, Mode, Order, Settings};
use quorate_replication::{Key, Value};

use super::ApRegisterSuite;
use crate::grade::build::Trial;

type Case = crate::grade::build::Case<ApRegisterSuite>;

/// Cases, each with its numbers of fixed and fresh runs.
pub(super) const ALL: &[Trial<ApRegisterSuite>] = &[
    ("one write after another", quiet, (2, 2)),
    ("each replica is alone, and answers", alone, (5, 5)),
    ("two writes at the same time", compete, (10, 10)),
    ("one side cannot hear the other", parted, (15, 15)),
    ("replicas restart", restarts, (25, 25)),
    ("messages are slow, are lost, and come twice", slow, (20, 20)),
    ("random faults", random_faults, (30, 30)),
];

const MS: fn(u64) -> Duration = Duration::from_millis;
const REPLICAS: u32 = 3;
const CLIENTS: u32 = 3;
/// Client that reads every key at every replica, after the recovery.
pub(super) const LATECOMER: ClientId = ClientId(CLIENTS);
const KEYS: [&str; 2] = ["x", "y"];
/// Duration of the fault window.
const SPAN: Duration = Duration::from_secs(3);
/// Delay after the fault window before the copies must be equal: each replica has compared its
/// copies with every other one several times.
const SETTLED: Duration = Duration::from_secs(3);
/// Recovery window.
const CALM: Duration = Duration::from_secs(7);
/// Retry policy: none. A repeated write at another replica would be another write.
const ONCE: RetryPolicy = RetryPolicy { timeout: MS_500, attempts: 1, rotates: false };
const MS_500: Duration = Duration::from_millis(500);

/// Number of reads of the latecomer.
pub(super) fn late_reads(config: &Config) -> u64 {
    (config.replicas.len() * KEYS.len()) as u64
}

fn read(key: &str) -> Command {
    Command::Read { key: Key::from(key), at: None }
}

fn write(key: &str, value: u64) -> Command {
    Command::Write { key: Key::from(key), value: Value::from(format!("w{value}").as_str()), at: None }
}

impl Case {
    /// Fault-free cluster without requests, but those after the recovery.
    fn empty(title: &'static str) -> Self {
        let order = Order::Lamport;
        let available = Available { order, read_repair: false, anti_entropy: MS(200), ..Available::default() };
        let mut case = Case {
            title,
            config: Settings::new((0..REPLICAS).map(NodeId), Mode::Available(available))
                .build()
                .expect("each node is named once"),
            names: Names::new(["n1", "n2", "n3"], ["c1", "c2", "c3", "late"]),
            conditions: FaultPlan::none().conditions,
            retry_policy: ONCE,
            requests: Vec::new(),
            faults: Vec::new(),
            fault_window: SPAN,
            recovery_window: CALM,
            must: "every request is answered at once, and all copies become equal",
            messages_max: 10_000,
            aim: (),
        };
        for key in KEYS {
            for replica in 0..REPLICAS {
                case.ask(SPAN + SETTLED, LATECOMER, replica, read(key));
            }
        }
        case
    }

    fn ask(&mut self, at: Duration, client: ClientId, replica: u32, command: Command) {
        self.requests.push(ClientRequest { at: Time::ZERO + at, client, of: Some(NodeId(replica)), command });
    }

    /// Random reads and writes while there are faults. Each write has a value of its own.
    fn busy(title: &'static str, seed: u64) -> Self {
        let mut case = Case::empty(title);
        let mut rng = Rng::new(seed, u64::MAX - 1);
        for number in 1..=60 {
            let at = Duration::from_nanos(rng.below(nanos(SPAN)));
            let key = KEYS[usize::from(rng.below(3) == 0)];
            let command = if rng.below(2) == 0 { read(key) } else { write(key, number) };
            case.ask(
                at,
                ClientId(rng.below(u64::from(CLIENTS)) as u32),
                rng.below(u64::from(REPLICAS)) as u32,
                command,
            );
        }
        case.requests.sort_by_key(|request| request.at);
        case
    }
}

/// Random stream of the faults, separate from that of the requests.
fn faults_rng(seed: u64) -> Rng {
    Rng::new(seed, u64::MAX - 2)
}

fn quiet(title: &'static str, _: u64) -> Case {
    let mut case = Case::empty(title);
    for turn in 0..8 {
        let (client, replica) = (ClientId(turn as u32 % CLIENTS), (turn * 2) as u32 % REPLICAS);
        case.ask(MS(200 * turn), client, replica, write(KEYS[turn as usize % 2], turn));
        case.ask(MS(200 * turn + 100), client, (replica + 1) % REPLICAS, read(KEYS[turn as usize % 2]));
    }
    case.requests.sort_by_key(|request| request.at);
    case
}

/// No replica hears of another one until the end of the fault window.
fn alone(title: &'static str, seed: u64) -> Case {
    Case::busy(title, seed).part(Duration::ZERO, &[&[0], &[1], &[2]])
}

/// Writes at several replicas before their messages arrive: stamps with equal counts.
fn compete(title: &'static str, seed: u64) -> Case {
    let mut case = Case::empty(title);
    let mut rng = faults_rng(seed);
    for turn in 0..10 {
        for client in 0..CLIENTS {
            let at = MS(280 * turn) + Duration::from_micros(rng.below(900));
            case.ask(at, ClientId(client), client, write("x", turn * 10 + u64::from(client)));
        }
    }
    case.requests.sort_by_key(|request| request.at);
    case
}

fn parted(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_rng(seed);
    (0..5).fold(Case::busy(title, seed), |case, turn| {
        let one = rng.below(u64::from(REPLICAS)) as u32;
        let others: Vec<u32> = (0..REPLICAS).filter(|node| *node != one).collect();
        let at = MS(100 + 560 * turn + rng.below(60));
        case.part(at, &[&[one], &others]).fault_at(at + MS(400), Fault::Heal)
    })
}

fn restarts(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_rng(seed);
    (0..12).fold(Case::busy(title, seed), |case, turn| {
        let node = NodeId(rng.below(u64::from(REPLICAS)) as u32);
        let point = match rng.below(4) {
            0 => CrashPoint::BetweenSteps,
            1 => CrashPoint::BeforePersist { kept: rng.below(2) as u32 },
            2 => CrashPoint::AfterPersist,
            _ => CrashPoint::AfterSends { sent: 1 },
        };
        let (at, down) = (MS(100 + 230 * turn + rng.below(60)), MS(1 + rng.below(120)));
        case.pair(at, Fault::Crash { node, point }, down, Fault::Restart(node))
    })
}

fn slow(title: &'static str, seed: u64) -> Case {
    let latency = Latency::Uniform { min: MS(1), max: MS(60) };
    Case { conditions: Conditions { latency, ..FaultPlan::harsh().conditions }, ..Case::busy(title, seed) }
}

fn random_faults(title: &'static str, seed: u64) -> Case {
    let fault_plan = FaultPlan::harsh();
    let faults = fault_plan.schedule(seed, REPLICAS, SPAN);
    Case { conditions: fault_plan.conditions, faults, ..Case::busy(title, seed) }
}
