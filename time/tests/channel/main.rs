//! A reliable channel: claims by hand, each decision broken once, random runs, every schedule.

mod broken;
mod claims;
mod random;
mod searches;

use quorate_lab::sim::{CrashPoint, Fault, RetryPolicy, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId};
use quorate_time::channel::{Answer, Channel, Command, Message, Payload, Rulebook, Safety, Settings};
use quorate_time::rto::Limits;

const S: NodeId = NodeId(0);
const R: NodeId = NodeId(1);
const ANN: ClientId = ClientId(0);

type Cluster = World<Channel, Safety>;

/// Timeouts of a network whose round trips take milliseconds.
const QUICK: Limits = Limits {
    initial: Duration::from_millis(100),
    min: Duration::from_millis(5),
    max: Duration::from_secs(2),
    granularity: Duration::from_millis(1),
};

fn settings(answer: Answer) -> Settings {
    Settings { window: 4, limits: QUICK, answer, ..Settings::new(S, R) }
}

/// Both sides with an open connection.
fn cluster(rules: Rulebook, settings: Settings) -> Cluster {
    let setup = Setup::<Channel>::new("channel", Names::new(["S", "R"], ["ann"]), settings.build().unwrap())
        .under(rules)
        .retry_policy(RetryPolicy { attempts: 1, ..RetryPolicy::default() });
    let mut world = setup.start_under(Safety::default());
    world.run_for(ms(5)).unwrap();
    world
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn send(payload: &str) -> Command {
    Command::Send { payload: Payload::from(payload) }
}

/// Sends these, without waiting for answers.
fn send_all(world: &mut Cluster, payloads: &[&str]) {
    for payload in payloads {
        world.inject_request(ANN, S, send(payload)).unwrap();
    }
}

/// All that the application of the receiver has processed.
fn processed(world: &Cluster) -> Vec<String> {
    world.disk(R).unwrap().processed.iter().map(|payload| payload.as_str().to_owned()).collect()
}

fn restart(world: &mut Cluster, node: NodeId) {
    world.inject(Fault::Crash { node, point: CrashPoint::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(node)).unwrap();
}

/// The sequence number of a segment.
fn seq(message: &Message) -> Option<u64> {
    match message {
        Message::Data(segment) => Some(segment.seq),
        _ => None,
    }
}
