//! The local message table: an order is placed while the stock is down, and shipped once when it is
//! back. With two writes instead of one, a crash between them loses it.
//!
//! Run with `cargo run --example outbox`.

use quorate::lab::sim::{CrashPoint, Fault, RunError, Setup, World};
use quorate::lab::trace::render::{self, Options};
use quorate::protocol::{ClientId, Duration, Names, NodeId};
use quorate::transactions::Row;
use quorate::transactions::outbox::{BY_THE_BOOK, Command, MessageTable, Rulebook, Safety, Settings};

const SHOP: NodeId = NodeId(0);
const BROKER: NodeId = NodeId(1);
const STOCK: NodeId = NodeId(2);

/// The order in one local transaction, its message in another.
const TWO_WRITES: Rulebook = Rulebook { places: |order, message| vec![vec![order], vec![message]], ..BY_THE_BOOK };

fn start(rules: Rulebook) -> Result<World<MessageTable, Safety>, Box<dyn std::error::Error>> {
    let config = Settings::new(SHOP, BROKER, STOCK).build()?;
    let names = Names::new(["shop", "broker", "stock"], ["ann"]);
    Ok(Setup::<MessageTable>::new("outbox", names, config).under(rules).traced().start_under(Safety::default()))
}

fn place(world: &mut World<MessageTable, Safety>) -> Result<(), RunError> {
    world.inject_request(ClientId(0), SHOP, Command::Place { item: Row::from("apples"), units: 3 })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("One write, and a stock that is down for a while:\n");
    let mut world = start(BY_THE_BOOK)?;
    world.inject(Fault::Crash { node: STOCK, point: CrashPoint::BetweenSteps })?;
    place(&mut world)?;
    world.run_for(Duration::from_millis(60))?;
    world.inject(Fault::Restart(STOCK))?;
    world.run_for(Duration::from_millis(60))?;
    print!("{}", render::lanes(&world.recording().expect("it is traced").document(), Options::default())?);

    println!("\nTwo writes, and a crash between them:\n");
    let mut world = start(TWO_WRITES)?;
    world.inject(Fault::Crash { node: SHOP, point: CrashPoint::BeforePersist { kept: 1 } })?;
    place(&mut world)?;
    let end = world.inject(Fault::Restart(SHOP));
    print!("{}", render::lanes(&world.recording().expect("it is traced").document(), Options::default())?);
    match end {
        Ok(()) => println!("\nNothing is lost."),
        Err(error) => println!("\n{}", world.names().scope(|| error.to_string())),
    }
    Ok(())
}
