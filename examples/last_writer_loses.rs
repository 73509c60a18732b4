//! Last write wins, and the last writer loses: his clock is 1 ms behind (Johnson and Thomas, RFC
//! 677, 1975). The same schedule with Lamport clocks keeps his write.
//!
//! Run with `cargo run --example last_writer_loses`.

use quorate::lab::sim::{Fault, Setup};
use quorate::lab::trace::render::{self, Options};
use quorate::protocol::{ClientId, Duration, Names, NodeId};
use quorate::replication::register::{Available, Command, Mode, Order, Register, Reply, Safety, Settings};
use quorate::replication::{Key, Value};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    play("Wall clocks", Order::Wall)?;
    play("Lamport clocks", Order::Lamport)
}

/// Ann writes 1 at n1, whose clock is 3 ms fast. Bob reads it at n3, whose clock is 3 ms slow, and
/// writes 2 there.
fn play(title: &str, order: Order) -> Result<(), Box<dyn std::error::Error>> {
    let [n1, n2, n3] = [0, 1, 2].map(NodeId);
    let [ann, bob] = [0, 1].map(ClientId);
    let names = Names::new(["n1", "n2", "n3"], ["ann", "bob"]);
    let mode = Mode::Available(Available { order, ..Available::default() });
    let config = Settings::new([n1, n2, n3], mode).build()?;
    let mut world = Setup::<Register>::new("register", names, config).traced().start_under(Safety::default());
    let write = |value| Command::Write { key: Key::from("x"), value: Value::from(value), at: None };
    let read = || Command::Read { key: Key::from("x"), at: None };

    world.note(&format!("{title}: n1 is 3 ms fast, n3 is 3 ms slow."));
    for (node, millis) in [(n1, 42_003), (n2, 42_000), (n3, 41_997)] {
        world.inject(Fault::Jump { node, nanos: millis * 1_000_000 })?;
    }
    for (client, node, command) in [(ann, n1, write("1")), (bob, n3, read()), (bob, n3, write("2"))] {
        world.inject_request(client, node, command)?;
        world.run_for(Duration::from_millis(2))?;
    }
    world.run_for(Duration::from_millis(20))?;
    world.note("Ann reads.");
    world.inject_request(ann, n2, read())?;
    world.run_for(Duration::from_millis(5))?;

    let document = world.recording().ok_or("the run has no trace")?.document();
    print!("{}", render::lanes(&document, Options::default())?);
    let values = match world.answers(ann).last() {
        Some((_, Reply::Values { values, .. })) => values.iter().map(Value::to_string).collect::<Vec<_>>().join(", "),
        _ => "nothing".to_owned(),
    };
    println!("\n{title}: Bob was told that his 2 is written, and Ann reads {values}.\n");
    Ok(())
}
