//! One counter for the ids of all transactions is a bottleneck: the more servers ask it, the longer
//! each waits. Generators that need not ask each other are none, and their ids do not follow
//! causality (Kleppmann, *Designing Data-Intensive Applications*, ch. 8; Snowflake's README, 2010).
//!
//! Run with `cargo run --example transaction_ids`.

use std::error::Error;

use quorate::lab::env::Queue;
use quorate::lab::sim::{Fault, Setup};
use quorate::protocol::{ClientId, Duration, Names, NodeId};
use quorate::time::snowflake::{Command, Safety, Settings, Snowflake};

/// Time that a generator needs for one id.
const SERVICE: Duration = Duration::from_millis(1);
/// Duration of the measurement, in steps of a tenth of a millisecond.
const STEPS: u32 = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    println!("Each server asks for an id, and again as soon as it has one. An id takes 1 ms of its");
    println!("generator, and the network takes no time.\n");
    println!("servers   one counter for all         a generator for each");
    for servers in [1, 2, 4, 8, 16] {
        let (one, each) = (measure(servers, 1)?, measure(servers, servers)?);
        println!("{servers:>7}   {one:<25}   {each}");
    }
    println!("\nThe ids of one counter follow causality. Those of the generators are as right as clocks.");
    Ok(())
}

/// Ids in a second, and the mean time until a server has one.
fn measure(servers: u32, generators: u32) -> Result<String, Box<dyn Error>> {
    let registry = NodeId(0);
    let nodes = ["R".to_owned()].into_iter().chain((1..=generators).map(|number| format!("n{number}")));
    let clients = (1..=servers).map(|number| format!("s{number}"));
    let setup = Setup::<Snowflake>::new("snowflake", Names::new(nodes, clients), Settings::new(registry).build()?);
    let tenth = Duration::from_micros(100);
    let mut world = setup.start_under(Safety::default());
    world.run_for(Duration::from_millis(50))?;
    for node in (1..=generators).map(NodeId) {
        world.inject(Fault::SetService { node, service: Queue::new(SERVICE, None) })?;
    }
    let mut asked = vec![0; servers as usize];
    for _ in 0..STEPS {
        for client in (0..servers).map(ClientId) {
            let asked = &mut asked[client.0 as usize];
            if world.answers(client).len() == *asked {
                *asked += 1;
                world.inject_request(client, NodeId(1 + client.0 % generators), Command::Next)?;
            }
        }
        world.run_for(tenth)?;
    }
    // Each server always waits for one id.
    let ids: usize = (0..servers).map(|client| world.answers(ClientId(client)).len()).sum();
    let mean = f64::from(servers * STEPS) / ids as f64 / 10.0;
    Ok(format!("{ids:>6} ids/s, {mean:>5.1} ms"))
}
