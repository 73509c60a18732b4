//! Guarantees of the simulator, one test for each.

mod clients;
mod courier;
mod faults;
mod leaders;
mod network;
mod queues;
mod runs;

use courier::{Command, Courier};
use quorate_lab::sim::{Setup, World};
use quorate_lab::trace::{DropReason, TypedEvent};
use quorate_protocol::{ClientId, Duration, Invariant, Names, NodeId, Time};

const ONE: NodeId = NodeId(0);
const TWO: NodeId = NodeId(1);
const THREE: NodeId = NodeId(2);
const CLIENT: ClientId = ClientId(0);

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn at(millis: u64) -> Time {
    Time::from_millis(millis)
}

/// Three couriers and a client; every message takes a millisecond.
fn setup() -> Setup<Courier> {
    Setup::new("courier", Names::new(["n1", "n2", "n3"], ["c1"]), 3u32).traced()
}

/// Returns the numbers that a node has received, in order.
fn heard<I: Invariant<Courier>>(world: &World<Courier, I>, node: NodeId) -> Vec<u32> {
    let machine = world.machine(node).expect("the node is up");
    machine.heard.iter().map(|(_, number)| *number).collect()
}

fn write(world: &mut World<Courier>, node: NodeId, number: u32) {
    world.ask(CLIENT, Some(node), Command::Write(number, number + 1));
}

/// Returns the reasons for which messages were dropped, in order.
fn drops(world: &World<Courier>) -> Vec<DropReason> {
    let recording = world.recording().expect("the run is traced");
    recording
        .iter()
        .filter_map(|(_, event)| match event.what {
            TypedEvent::Drop { reason, .. } => Some(reason),
            _ => None,
        })
        .collect()
}
