//! Basic Paxos in a few lines: set up a cluster, send a request, and print each event with its
//! reason.
//!
//! Run with `cargo run --example paxos_basic`.

use quorate::lab::sim::Setup;
use quorate::lab::trace::render::{self, Options};
use quorate::paxos::{Command, Config, Paxos, Value, invariants::invariants};
use quorate::protocol::{ClientId, Duration, Names, NodeId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Two proposers and three acceptors. The proposers are also learners.
    let names = Names::new(["A", "B", "X", "Y", "Z"], ["carol"]);
    let (proposers, acceptors) = ([0, 1].map(NodeId), [2, 3, 4].map(NodeId));
    let config = Config::new(proposers, acceptors, proposers)?;

    // A simulated network with one millisecond per message; the safety properties of Paxos are
    // checked after every step.
    let safety = invariants(&config);
    let mut world = Setup::<Paxos>::new("paxos", names, config).traced().start_under(safety);

    // Carol asks A to propose "blue".
    let carol = ClientId(0);
    world.ask(carol, Some(NodeId(0)), Command::Propose { value: Value::from("blue"), round: None });
    world.run_for(Duration::from_millis(20))?;

    let document = world.recording().expect("the run is traced").document();
    print!("{}", render::log(&document, Options { why: true, ..Options::default() }));

    println!("\nB has learned: {:?}", world.machine(NodeId(1)).and_then(Paxos::chosen).map(Value::as_str));
    println!("Carol was answered: {:?}", world.answers(carol).first().map(|(_, reply)| reply));
    Ok(())
}
