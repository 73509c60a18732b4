//! NTP: claims of RFC 5905 by hand, each decision broken once, random runs, every schedule.

mod broken;
mod claims;
mod random;
mod searches;

use quorate_lab::sim::{CrashPoint, Fault, RetryPolicy, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};
use quorate_time::ntp::{Command, Ntp, Offset, Reply, Rulebook, Safety, Settings, Thresholds, safety};

const SOURCES: [NodeId; 3] = [NodeId(0), NodeId(1), NodeId(2)];
const A: NodeId = NodeId(3);
const ANN: ClientId = ClientId(0);

/// A clock that is right shows this at the start of a run: 1 January 2000.
const START: Time = Time::from_millis(946_684_800_000);

type Cluster = World<Ntp, Safety>;

/// Three sources and a host, with the numbers of the RFC, before anything has happened.
fn cluster(rules: Rulebook) -> Cluster {
    with(rules, Settings::new(SOURCES))
}

fn with(rules: Rulebook, settings: Settings) -> Cluster {
    let names = Names::new(["S1", "S2", "S3", "A"], ["ann"]);
    Setup::<Ntp>::new("ntp", names, settings.build().unwrap())
        .under(rules)
        .traced()
        .wall_clock(START)
        .retry_policy(RetryPolicy { attempts: 1, ..RetryPolicy::default() })
        .start_under(safety(START))
}

/// The same, with the first correction of any size (ntpd's option `-g`).
fn with_g(rules: Rulebook) -> Cluster {
    let thresholds = Thresholds { panic_at_boot: secs(1_000_000), ..Thresholds::default() };
    with(rules, Settings { thresholds, ..Settings::new(SOURCES) })
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn jump(node: NodeId, millis: i64) -> Fault {
    Fault::Jump { node, nanos: millis * 1_000_000 }
}

/// Sends a request, lets a few milliseconds pass, and returns the answer if there is one by then.
fn ask(world: &mut Cluster, command: Command) -> Option<Reply> {
    let before = world.answers(ANN).len();
    world.inject_request(ANN, A, command).unwrap();
    world.run_for(ms(3)).unwrap();
    world.answers(ANN).get(before).map(|(_, reply)| *reply)
}

/// The distance of the disciplined clock from the true time.
fn off(world: &Cluster) -> Offset {
    let time = world.machine(A).unwrap().time(&world.context(A)).unwrap();
    Offset::between(world.invariants().0.truth(world.now()), time)
}

/// The bound of its error.
fn error(world: &Cluster) -> Option<Duration> {
    world.machine(A).unwrap().error(&world.context(A))
}

fn is_synchronised(world: &Cluster) -> bool {
    world.machine(A).unwrap().is_synchronised(&world.context(A))
}

/// Starts the host anew: its first correction is yet to come.
fn restart(world: &mut Cluster) {
    world.inject(Fault::Crash { node: A, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(A)).unwrap();
}

/// Lets no response of a source arrive.
fn cut_off(world: &mut Cluster) {
    for source in SOURCES {
        world.inject(Fault::Link { from: source, to: A, up: false }).unwrap();
    }
}
