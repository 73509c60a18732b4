//! TrueTime: claims of the paper by hand, each decision broken once, random runs, every schedule.

mod broken;
mod claims;
mod random;
mod searches;

use quorate_lab::sim::{Fault, RetryPolicy, Setup, World};
use quorate_protocol::{ClientId, Duration, Invariant, Names, NodeId, Time};
use quorate_time::true_time::{Command, Config, Reply, Rulebook, Settings, TrueTime};

const MASTERS: [NodeId; 3] = [NodeId(0), NodeId(1), NodeId(2)];
const A: NodeId = NodeId(3);
const B: NodeId = NodeId(4);
const ANN: ClientId = ClientId(0);
const BOB: ClientId = ClientId(1);

/// A clock that is right shows this at the start of a run: 1 January 2000.
const START: Time = Time::from_millis(946_684_800_000);

fn config() -> Config {
    Settings::new(MASTERS).build().unwrap()
}

/// Three masters and two servers, of which the paper's numbers hold, before anything has happened.
fn cluster<I: Invariant<TrueTime>>(rules: Rulebook, invariants: I) -> World<TrueTime, I> {
    let names = Names::new(["M1", "M2", "M3", "A", "B"], ["ann", "bob"]);
    Setup::<TrueTime>::new("true-time", names, config())
        .under(rules)
        .wall_clock(START)
        .retry_policy(RetryPolicy { attempts: 1, ..RetryPolicy::default() })
        .start_under(invariants)
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Sends a request, lets time pass, and returns the answer if there is one by then.
fn ask<I: Invariant<TrueTime>>(
    world: &mut World<TrueTime, I>,
    client: ClientId,
    node: NodeId,
    command: Command,
    wait: Duration,
) -> Option<Reply> {
    let before = world.answers(client).len();
    world.inject_request(client, node, command).unwrap();
    world.run_for(wait).unwrap();
    world.answers(client).get(before).map(|(_, reply)| *reply)
}

/// The error of a server's reading, if it has one.
fn error<I: Invariant<TrueTime>>(world: &World<TrueTime, I>, node: NodeId) -> Option<Duration> {
    world.machine(node)?.reading(&world.context(node)).map(|reading| reading.error())
}

/// Cuts a server off from the masters.
fn cut_off<I: Invariant<TrueTime>>(world: &mut World<TrueTime, I>, node: NodeId) {
    for master in MASTERS {
        world.inject(Fault::Link { from: node, to: master, up: false }).unwrap();
    }
}

fn jump(node: NodeId, millis: i64) -> Fault {
    Fault::Jump { node, nanos: millis * 1_000_000 }
}
