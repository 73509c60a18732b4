//! Test cases for leases: named faults, then random faults. All clocks may drift by as much as the
//! terms allow for.

use quorate_lab::sim::{ClientRequest, Conditions, CrashPoint, Fault, FaultPlan, Latency, RetryPolicy, Rng};
use quorate_lease::{Command, Drift, Settings, Terms, Value};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};

use super::LeaseSuite;
use crate::grade::build::Trial;

type Case = crate::grade::build::Case<LeaseSuite>;

/// Cases, each with its numbers of fixed and fresh runs.
pub(super) const ALL: &[Trial<LeaseSuite>] = &[
    ("a node becomes primary, acts and writes", quiet, (2, 2)),
    ("a primary goes down, and another takes over", fail_over, (3, 3)),
    ("holders pause past the end of their terms", pauses, (10, 10)),
    ("the granter restarts, and is bound by its forgotten grants", granter_restarts, (10, 10)),
    ("holders are partitioned, with clocks at the drift bound", cut_off, (10, 10)),
    ("replies are slow", slow, (10, 10)),
    ("leases are released", releases, (20, 20)),
    ("random faults", random_faults, (40, 40)),
];

const MS: fn(u64) -> Duration = Duration::from_millis;
const GRANTER: NodeId = NodeId(0);
const HOLDERS: [NodeId; 3] = [NodeId(1), NodeId(2), NodeId(3)];
const RESOURCE: NodeId = NodeId(4);
/// Clock drift bound in ppm: that of harsh random faults.
const DRIFT: u32 = 50_000;
const TERM: Duration = Duration::from_millis(300);
/// Duration of the fault window.
const SPAN: Duration = Duration::from_secs(4);
/// Delay after the fault window before clients check the recovery: enough for a granter's silence
/// after a restart and for a lease to end.
const RECOVERED: Duration = Duration::from_millis(2_000);

/// Goal of every run.
const MUST: &str = "a primary acts and renews its lease, a write succeeds, and every client gets a reply";
/// Retry policy: clients send a request twice, then give up.
const BRIEF: RetryPolicy = RetryPolicy { timeout: Duration::from_millis(150), attempts: 2, rotates: false };
/// Recovery window: enough for a granter to be sure and for a primary to be renewed.
const CALM: Duration = Duration::from_secs(6);

impl Case {
    /// Fault-free cluster with periodic client requests. At the end all clients request a write.
    fn new(title: &'static str, seed: u64) -> Self {
        let drift = Drift::from_ppm(DRIFT).expect("clocks are at most that wrong");
        let longest = Terms::longest(TERM, drift).expect("a term of 300 ms leaves something");
        let terms = Terms::new(TERM, longest.holder(), MS(50), drift).expect("fifty fit in");
        let usual = Settings::new(GRANTER, HOLDERS, terms);
        let settings = Settings { resource: Some(RESOURCE), work: MS(30), act_every: Some(MS(11)), ..usual };
        let mut rng = Rng::new(seed, u64::MAX - 1);
        let value = |number| Value::from(format!("w{number}").as_str());
        let request = |number: u64, at, command| {
            let client = (number % 3) as u32;
            ClientRequest { at, client: ClientId(client), of: Some(HOLDERS[client as usize]), command }
        };
        let mut requests: Vec<_> = (0..60)
            .map(|number| {
                let command = match rng.below(3) {
                    0 => Command::WorkAndAct,
                    1 => Command::Act,
                    _ => Command::Write { value: value(number) },
                };
                request(number, Time::from_nanos(rng.below(nanos(SPAN))), command)
            })
            .collect();
        requests.sort_by_key(|request| request.at);
        let at_last = Time::ZERO + SPAN + RECOVERED;
        requests.extend((60..63).map(|number| request(number, at_last, Command::Write { value: value(number) })));
        Case {
            title,
            config: settings.build().expect("each node has one role"),
            names: Names::new(["Q", "A", "B", "C", "S"], ["c1", "c2", "c3"]),
            conditions: FaultPlan::none().conditions,
            retry_policy: BRIEF,
            requests,
            faults: Vec::new(),
            fault_window: SPAN,
            recovery_window: CALM,
            must: MUST,
            messages_max: 10_000,
            aim: (),
        }
    }

    /// The same, with each clock as fast or as slow as the bound allows.
    fn drifting(mut self, rng: &mut Rng) -> Self {
        for node in (0..5).map(NodeId) {
            let ppm = if rng.below(2) == 0 { DRIFT as i32 } else { -(DRIFT as i32) };
            self.faults.push((Time::ZERO, Fault::Drift { node, ppm }));
        }
        self
    }
}

/// Random stream of the faults, separate from that of the requests.
fn faults_dice(seed: u64) -> Rng {
    Rng::new(seed, u64::MAX - 2)
}

fn quiet(title: &'static str, seed: u64) -> Case {
    Case::new(title, seed)
}

/// Each holder in turn is down for a second; one of them was primary.
fn fail_over(title: &'static str, seed: u64) -> Case {
    HOLDERS.iter().zip(0..).fold(Case::new(title, seed), |case, (node, turn)| {
        let crash = Fault::Crash { node: *node, point: CrashPoint::BetweenSteps };
        case.pair(MS(500 + 1_100 * turn), crash, MS(1_000), Fault::Restart(*node))
    })
}

fn granter_restarts(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    (0..4).fold(Case::new(title, seed).drifting(&mut rng), |case, turn| {
        let moment = if rng.below(2) == 0 { CrashPoint::BetweenSteps } else { CrashPoint::AfterPersist };
        let crash = Fault::Crash { node: GRANTER, point: moment };
        // A holder, perhaps the primary, is cut off meanwhile, so that another may ask first.
        let cut = Fault::Link { from: HOLDERS[rng.below(3) as usize], to: GRANTER, up: false };
        let at = MS(500 + 800 * turn + rng.below(100));
        let case = case.pair(at, crash, MS(rng.below(40)), Fault::Restart(GRANTER));
        case.pair(at, cut, MS(500), Fault::Heal)
    })
}

fn cut_off(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    (0..6).fold(Case::new(title, seed).drifting(&mut rng), |case, turn| {
        let alone = HOLDERS[rng.below(3) as usize];
        case.pair(MS(400 + 600 * turn), Fault::Partition(vec![vec![alone]]), MS(500), Fault::Heal)
    })
}

/// A reply may take longer than a term, and the next request may be lost.
fn slow(title: &'static str, seed: u64) -> Case {
    let latency = Latency::Uniform { min: MS(1), max: MS(120) };
    let case = cut_off(title, seed);
    Case { conditions: Conditions { latency, ..FaultPlan::mild().conditions }, ..case }
}

/// Just before each pause, the paused node's client has it begin to work.
fn pauses(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    (0..12).fold(Case::new(title, seed), |mut case, turn| {
        let number = rng.below(3) as u32;
        let asleep = HOLDERS[number as usize];
        let (at, client) = (Time::ZERO + MS(280 + 300 * turn), ClientId(number));
        case.requests.push(ClientRequest { at, client, of: Some(asleep), command: Command::WorkAndAct });
        case.pair(MS(300 + 300 * turn), Fault::Pause(asleep), MS(200 + rng.below(400)), Fault::Resume(asleep))
    })
}

fn releases(title: &'static str, seed: u64) -> Case {
    let mut case = Case::new(title, seed);
    for request in case.requests.iter_mut().filter(|request| request.at < Time::ZERO + SPAN) {
        if request.command == Command::WorkAndAct {
            request.command = Command::Release { successor: None };
        }
    }
    Case { conditions: FaultPlan::harsh().conditions, ..case }
}

fn random_faults(title: &'static str, seed: u64) -> Case {
    let fault_plan = FaultPlan::harsh();
    let case = releases(title, seed);
    Case { conditions: fault_plan.conditions, faults: fault_plan.schedule(seed, 5, SPAN), ..case }
}
