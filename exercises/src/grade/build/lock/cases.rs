//! Test cases for Redlock: named faults, then random faults. All clocks may drift by as much as the
//! allowance is for.

use quorate_lab::sim::{ClientRequest, Conditions, CrashPoint, Fault, FaultPlan, Latency, RetryPolicy, Rng};
use quorate_lease::{Drift, safe_holder_term};
use quorate_locks::{Command, ExpiryClock, Persistence, Recipe, Settings};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time, nanos};

use super::{Aim, RedlockSuite};
use crate::grade::build::Trial;

type Case = crate::grade::build::Case<RedlockSuite>;

/// Cases, each with its numbers of fixed and fresh runs.
pub(super) const ALL: &[Trial<RedlockSuite>] = &[
    ("one client after another takes the lock, acts and unlocks", quiet, (2, 2)),
    ("the same, with two of five instances down", two_down, (2, 2)),
    ("clients compete for the lock", compete, (5, 5)),
    ("clients pause after they have asked, and while they hold the lock", pauses, (5, 5)),
    ("answers are slow, with clocks at the drift bound", slow, (15, 15)),
    ("instances restart, with their keys on disk", restarts, (15, 15)),
    ("instances restart, and have forgotten their keys", forgetful, (15, 15)),
    ("wall clocks are set", jumps, (5, 5)),
    ("clients restart", clients_restart, (10, 10)),
    ("random faults", random_faults, (30, 30)),
];

const MS: fn(u64) -> Duration = Duration::from_millis;
/// Clock drift bound in ppm: that of harsh random faults.
pub(super) const DRIFT: u32 = 50_000;
const TTL: Duration = Duration::from_millis(300);
const CLIENTS: u32 = 3;
/// Duration of the fault window.
const SPAN: Duration = Duration::from_secs(4);
/// Delay after the fault window before clients check the recovery: enough for forgetful instances
/// to come back, and for a lock to end.
const RECOVERED: Duration = Duration::from_secs(1);
/// Recovery window.
const CALM: Duration = Duration::from_secs(4);
/// Retry policy: clients send a request twice, then give up.
const BRIEF: RetryPolicy = RetryPolicy { timeout: Duration::from_millis(150), attempts: 2, rotates: false };

/// Settings of a lock on so many instances. The allowance is the least that is safe.
fn settings(instances: u32) -> Settings {
    let drift = Drift::from_ppm(DRIFT).expect("clocks are at most that wrong");
    let servers = (0..instances).map(NodeId);
    let usual = Settings::new(Recipe::Redlock, servers, (instances..instances + CLIENTS).map(NodeId), Some(TTL));
    Settings {
        allowance: TTL.saturating_sub(safe_holder_term(TTL, drift)),
        answer_timeout: MS(50),
        retry: (MS(20)..MS(80)).into(),
        expiry: ExpiryClock::Monotonic,
        act_every: Some(MS(11)),
        ..usual
    }
}

impl Case {
    /// Fault-free cluster without requests.
    fn empty(title: &'static str, settings: Settings) -> Self {
        let instances = settings.servers.len();
        let names = ["P", "Q", "R", "T", "U"].into_iter().take(instances).chain(["A", "B", "C"]);
        Case {
            title,
            config: settings.build().expect("each node has one role, and the allowance leaves something"),
            names: Names::new(names, ["c1", "c2", "c3"]),
            conditions: FaultPlan::none().conditions,
            retry_policy: BRIEF,
            requests: Vec::new(),
            faults: Vec::new(),
            fault_window: SPAN,
            recovery_window: CALM,
            must: "a client takes the lock and acts at the end, and every request gets a reply or is given up",
            messages_max: 40_000,
            aim: Aim::Recovery,
        }
    }

    /// Adds a request of a client to its own holder.
    fn ask(&mut self, at: Duration, client: u32, command: Command) {
        let of = self.config.holders[client as usize % self.config.holders.len()];
        self.requests.push(ClientRequest { at: Time::ZERO + at, client: ClientId(client), of: Some(of), command });
    }

    /// Random requests while there are faults. At the end all clients want the lock.
    fn busy(title: &'static str, seed: u64, settings: Settings) -> Self {
        let mut case = Case::empty(title, settings);
        let mut rng = Rng::new(seed, u64::MAX - 1);
        for number in 0..60 {
            let command = match rng.below(10) {
                0..5 => Command::Acquire,
                5 => Command::Try,
                6 | 7 => Command::Release,
                _ => Command::Act,
            };
            case.ask(Duration::from_nanos(rng.below(nanos(SPAN))), number % CLIENTS, command);
        }
        case.requests.sort_by_key(|request| request.at);
        (0..CLIENTS).for_each(|client| case.ask(SPAN + RECOVERED, client, Command::Acquire));
        case
    }

    /// The same, with each clock as fast or as slow as the bound allows.
    fn drifting(mut self, rng: &mut Rng) -> Self {
        for node in (0..self.names.nodes().len() as u32).map(NodeId) {
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

/// Each client in turn takes the lock, acts and unlocks.
fn in_turn(title: &'static str, instances: u32) -> Case {
    let mut case = Case::empty(title, settings(instances));
    for turn in 0..9 {
        let at = 400 * turn;
        case.ask(MS(at), turn as u32 % CLIENTS, Command::Acquire);
        case.ask(MS(at + 60), turn as u32 % CLIENTS, Command::Act);
        case.ask(MS(at + 100), turn as u32 % CLIENTS, Command::Release);
    }
    Case { aim: Aim::AllSucceed, must: "every request succeeds", ..case }
}

fn quiet(title: &'static str, _: u64) -> Case {
    in_turn(title, 3)
}

fn two_down(title: &'static str, _: u64) -> Case {
    let case = in_turn(title, 5).crash(MS(0), 1, CrashPoint::BetweenSteps).crash(MS(0), 3, CrashPoint::BetweenSteps);
    // The two are back after the fault window, where success proves nothing.
    Case { recovery_window: Duration::ZERO, ..case }
}

fn compete(title: &'static str, seed: u64) -> Case {
    let mut case = Case::empty(title, settings(3));
    let mut rng = faults_dice(seed);
    for turn in 0..8 {
        let at = 500 * turn;
        for client in 0..CLIENTS {
            case.ask(MS(at), client, Command::Acquire);
            case.ask(MS(at + 60 + rng.below(400)), client, Command::Release);
        }
    }
    case.requests.sort_by_key(|request| request.at);
    (0..CLIENTS).for_each(|client| case.ask(SPAN + RECOVERED, client, Command::Acquire));
    case
}

/// A client pauses when its requests are on their way, or while it holds the lock, for longer than
/// the key lives.
fn pauses(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    let settings = Settings { answer_timeout: MS(2_000), ..settings(3) };
    let mut case = Case::empty(title, settings);
    for turn in 0..5u32 {
        let (at, client) = (MS(800 * u64::from(turn)), turn % CLIENTS);
        let (asleep, other) = (case.config.holders[client as usize], (client + 1) % CLIENTS);
        let from = if turn % 2 == 0 { Duration::from_micros(1_500) } else { MS(20 + rng.below(100)) };
        case = case.pair(at + from, Fault::Pause(asleep), MS(310 + rng.below(60)), Fault::Resume(asleep));
        case.ask(at, client, Command::Acquire);
        // Another may take it meanwhile.
        case.ask(at + MS(330), other, Command::Try);
        case.ask(at + MS(390), other, Command::Release);
        case.ask(at + MS(700), client, Command::Release);
    }
    case.requests.sort_by_key(|request| request.at);
    (0..CLIENTS).for_each(|client| case.ask(SPAN + RECOVERED, client, Command::Acquire));
    case
}

/// An answer may take long, and the next request may be lost.
fn slow(title: &'static str, seed: u64) -> Case {
    let latency = Latency::Uniform { min: MS(1), max: MS(90) };
    let settings = Settings { answer_timeout: MS(120), ..settings(3) };
    let case = Case::busy(title, seed, settings).drifting(&mut faults_dice(seed));
    Case { conditions: Conditions { latency, ..FaultPlan::mild().conditions }, ..case }
}

/// Instances go down and start again, in turns, and clients cannot reach all of them.
fn down_and_up(case: Case, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    let clients = case.config.holders.clone();
    (0..14).fold(case.drifting(&mut rng), |case, turn| {
        let (instance, other) = (rng.below(3) as u32, NodeId(rng.below(3) as u32));
        let moment = if rng.below(2) == 0 { CrashPoint::BetweenSteps } else { CrashPoint::AfterPersist };
        let at = MS(150 + 270 * turn + rng.below(60));
        let cut = Fault::Link { from: clients[rng.below(3) as usize], to: other, up: false };
        let crash = Fault::Crash { node: NodeId(instance), point: moment };
        let case = case.pair(at, crash, MS(1 + rng.below(40)), Fault::Restart(NodeId(instance)));
        case.pair(at, cut, MS(200), Fault::Heal)
    })
}

fn restarts(title: &'static str, seed: u64) -> Case {
    down_and_up(Case::busy(title, seed, settings(3)), seed)
}

fn forgetful(title: &'static str, seed: u64) -> Case {
    let settings = Settings { persistence: Persistence::Never, restart_delay: TTL, ..settings(3) };
    down_and_up(Case::busy(title, seed, settings), seed)
}

/// The wall clocks of instances and clients are set forwards and back.
fn jumps(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    (0..40).fold(Case::busy(title, seed, settings(3)), |case, turn| {
        let node = NodeId(rng.below(6) as u32);
        let nanos = rng.within(100, 1_000) as i64 * 1_000_000 * if rng.below(3) == 0 { -1 } else { 1 };
        case.fault_at(MS(90 * turn + rng.below(50)), Fault::Jump { node, nanos })
    })
}

fn clients_restart(title: &'static str, seed: u64) -> Case {
    let mut rng = faults_dice(seed);
    (0..12).fold(Case::busy(title, seed, settings(3)), |case, turn| {
        let node = 3 + rng.below(3) as u32;
        let at = MS(200 + 300 * turn + rng.below(50));
        let case = case.crash(at, node, CrashPoint::BetweenSteps);
        case.restart(at + MS(1 + rng.below(30)), node)
    })
}

fn random_faults(title: &'static str, seed: u64) -> Case {
    let fault_plan = FaultPlan::harsh();
    let case = Case::busy(title, seed, settings(3));
    Case { conditions: fault_plan.conditions, faults: fault_plan.schedule(seed, 6, SPAN), ..case }
}
