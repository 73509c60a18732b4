//! Snowflake ids: claims by hand, each decision broken once, random runs, every schedule.

mod broken;
mod claims;
mod random;
mod searches;

use quorate_lab::sim::{Fault, RetryPolicy, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};
use quorate_time::snowflake::{Command, Id, Parts, Reply, Rulebook, Safety, Settings, Snowflake};

const R: NodeId = NodeId(0);
const A: NodeId = NodeId(1);
const B: NodeId = NodeId(2);
const ANN: ClientId = ClientId(0);
const BOB: ClientId = ClientId(1);

/// A clock that is right shows this at the start of a run: a million ticks after the epoch.
const START: Time = Time::from_millis(1_288_834_974_657 + TICKS);
const TICKS: u64 = 1_000_000;

type Cluster = World<Snowflake, Safety>;

/// A registry and two generators, before anything has happened.
fn cluster(rules: Rulebook, settings: Settings) -> Cluster {
    let names = Names::new(["R", "A", "B"], ["ann", "bob", "c3", "c4", "c5", "c6", "c7", "c8", "c9"]);
    Setup::<Snowflake>::new("snowflake", names, settings.build().unwrap())
        .under(rules)
        .wall_clock(START)
        .retry_policy(RetryPolicy { attempts: 1, ..RetryPolicy::default() })
        .start_under(Safety::default())
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn us(micros: u64) -> Time {
    Time::from_nanos(micros * 1000)
}

fn jump(node: NodeId, millis: i64) -> Fault {
    Fault::Jump { node, nanos: millis * 1_000_000 }
}

/// The ids that a client has.
fn ids(world: &Cluster, client: ClientId) -> Vec<Id> {
    let issued = |(_, reply): &(_, Reply)| match reply {
        Reply::Issued { id } => Some(*id),
        _ => None,
    };
    world.answers(client).iter().filter_map(issued).collect()
}

/// Asks a node for an id, and lets ten milliseconds pass. Returns its parts.
fn next(world: &mut Cluster, client: ClientId, node: NodeId) -> Option<Parts> {
    let before = ids(world, client).len();
    world.inject_request(client, node, Command::Next).unwrap();
    world.run_for(ms(10)).unwrap();
    ids(world, client).get(before).map(|id| world.config().layout.split(*id))
}
