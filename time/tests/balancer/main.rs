//! A load balancer: claims by hand, decisions broken, random runs.

mod claims;
mod random;

use quorate_lab::sim::{CrashPoint, Fault, RetryPolicy, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId};
use quorate_time::balancer::{Balancer, Command, Key, Reply, Rulebook, Safety, Settings};

const LB: NodeId = NodeId(0);
const S1: NodeId = NodeId(1);
const S2: NodeId = NodeId(2);
const S3: NodeId = NodeId(3);
const OS: NodeId = NodeId(4);
const ANN: ClientId = ClientId(0);

type Cluster = World<Balancer, Safety>;

fn settings() -> Settings {
    Settings { reporters: vec![OS], ..Settings::new(LB, vec![S1, S2, S3]) }
}

fn cluster(rules: Rulebook, settings: Settings) -> Cluster {
    let names = Names::new(["LB", "S1", "S2", "S3", "OS"], ["ann"]);
    let setup = Setup::<Balancer>::new("balancer", names, settings.build().unwrap())
        .under(rules)
        .retry_policy(RetryPolicy { attempts: 1, ..RetryPolicy::default() });
    let mut world = setup.start_under(Safety::default());
    world.run_for(ms(10)).unwrap();
    world
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn ask(repeatable: bool) -> Command {
    Command::Ask { key: Key::from("x"), repeatable }
}

fn crash(world: &mut Cluster, node: NodeId) {
    world.inject(Fault::Crash { node, point: CrashPoint::BetweenSteps }).unwrap();
}

fn replies(world: &Cluster) -> Vec<Reply> {
    world.answers(ANN).iter().map(|(_, reply)| *reply).collect()
}
