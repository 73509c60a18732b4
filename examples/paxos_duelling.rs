//! Duelling proposers (livelock): two proposers that never back off preempt each other forever. A
//! random back-off ends this (Paxos Made Simple §2.4).
//!
//! Run with `cargo run --example paxos_duelling`.

use quorate::lab::sim::{Coverage, Setup, World};
use quorate::lab::trace::render::{self, Options};
use quorate::paxos::invariants::{Safety, invariants};
use quorate::paxos::{Command, Config, ConfigError, Paxos, PaxosRule, Retry, Value};
use quorate::protocol::{ClientId, Duration, Names, NodeId, Time};

type Watched = (Safety, Coverage<Paxos>);

/// Both proposers have a value of their own, B starts a little later than A, and both retry after
/// `retry`.
fn duel(retry: Retry, span: Duration) -> Result<World<Paxos, Watched>, Box<dyn std::error::Error>> {
    let (proposers, acceptors) = ([0, 1].map(NodeId), [2, 3, 4].map(NodeId));
    let config: Result<Config, ConfigError> = Config::builder(proposers, acceptors, proposers).retry(retry).build();
    let config = config?;
    let watched = (invariants(&config), Coverage::default());
    let names = Names::new(["A", "B", "X", "Y", "Z"], ["anna", "bert"]);
    let mut world = Setup::<Paxos>::new("paxos", names, config).traced().start_under(watched);
    for (client, (start, value)) in [(0, "red"), (1_300_000, "blue")].into_iter().enumerate() {
        let command = Command::Propose { value: Value::from(value), round: None };
        let node = NodeId(client as u32);
        world.ask_at(Time::from_nanos(start), ClientId(client as u32), Some(node), command);
    }
    world.run_for(span)?;
    Ok(world)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Each prepare arrives just before the other's accepts: after two and a half message delays,
    // repeatedly.
    let stubborn = duel(Retry::without_backoff(Duration::from_micros(2_500)), Duration::from_millis(1_000))?;
    println!("Without back-off, the first 12 ms of a second:\n");
    print!("{}", picture(&stubborn, Time::from_millis(12))?);
    report(&stubborn);

    let polite = duel(Retry::default(), Duration::from_millis(1_000))?;
    println!("\nWith a random back-off:\n");
    print!("{}", picture(&polite, Time::MAX)?);
    report(&polite);
    Ok(())
}

/// Renders the lanes of the run up to a time.
fn picture(world: &World<Paxos, Watched>, until: Time) -> Result<String, render::TooNarrow> {
    let mut document = world.recording().expect("the run is traced").document();
    document.events.retain(|event| event.at <= until);
    render::lanes(&document, Options::default())
}

fn report(world: &World<Paxos, Watched>) {
    let (begun, abandoned) = (world.invariants().1.of(PaxosRule::Prepare), world.invariants().1.of(PaxosRule::Retry));
    let chosen = world.machine(NodeId(0)).and_then(Paxos::chosen);
    println!("\nAfter {}: {begun} ballots begun, {abandoned} times begun again, chosen: {chosen:?}", world.now());
}
