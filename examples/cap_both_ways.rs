//! One partition, one schedule, two registers: the consistent one refuses on the smaller side, the
//! available one answers everywhere and converges afterwards. The answers are then judged: the
//! consistency that each of the two has kept, and its price.
//!
//! Run with `cargo run --example cap_both_ways`.

use quorate::experiments::RegisterLevels;
use quorate::lab::sim::{Fault, Setup};
use quorate::lab::trace::render::{self, Options};
use quorate::protocol::{ClientId, Duration, Names, NodeId};
use quorate::replication::register::{Available, Command, Mode, Register, Reply, Safety, Settings};
use quorate::replication::{Key, Value};

/// Time within which an answer counts.
const BOUND: Duration = Duration::from_millis(120);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for (title, mode) in [("Consistent", Mode::Consistent), ("Available", Mode::Available(Available::default()))] {
        play(title, mode)?;
    }
    Ok(())
}

fn play(title: &str, mode: Mode) -> Result<(), Box<dyn std::error::Error>> {
    let [n1, n2, n3] = [0, 1, 2].map(NodeId);
    let [ann, bob] = [0, 1].map(ClientId);
    let names = Names::new(["n1", "n2", "n3"], ["ann", "bob"]);
    let config = Settings::new([n1, n2, n3], mode).build()?;
    let judges = (Safety::default(), RegisterLevels::default());
    let mut world = Setup::<Register>::new("register", names, config).traced().start_under(judges);

    let read = || Command::Read { key: Key::from("x"), at: None };
    let write = |value| Command::Write { key: Key::from("x"), value: Value::from(value), at: None };
    world.note(&format!("{title}: n1 is parted from n2 and n3."));
    world.inject(Fault::Partition(vec![vec![n1], vec![n2, n3]]))?;
    let schedule = [(bob, n2, write("1")), (ann, n1, read()), (ann, n1, write("2")), (bob, n3, read())];
    let asked = schedule.len();
    for (client, node, command) in schedule {
        world.inject_request(client, node, command)?;
        world.run_for(BOUND)?;
    }
    let clients = [ann, bob];
    let replies = clients.iter().flat_map(|client| world.answers(*client));
    let answered = replies.filter(|(_, reply)| *reply != Reply::Unavailable).count();
    world.note("Healed.");
    world.inject(Fault::Heal)?;
    world.run_for(Duration::from_secs(3))?;

    world.check_replies()?;
    let (_, levels) = world.invariants();
    let level = levels.strongest().map_or("none of them causal", |level| level.name());
    let document = world.recording().expect("the run is traced").document();
    print!("{}", render::lanes(&document, Options::default())?);
    println!("\n{title}: {answered} of {asked} requests were answered within {BOUND:?}.");
    println!("{title}: the strongest consistency level of these answers is: {level}.\n");
    Ok(())
}
