//! The coordinator of a two-phase commit dies in phase two: both participants have voted yes, and
//! neither may decide. Their rows stay locked until it is back.
//!
//! Run with `cargo run --example two_phase_blocks`.

use std::collections::BTreeMap;

use quorate::lab::sim::{CrashPoint, Fault, Setup};
use quorate::lab::trace::render::{self, Options};
use quorate::protocol::{ClientId, Duration, Names, NodeId};
use quorate::transactions::Row;
use quorate::transactions::two_phase::{Change, Command, Safety, Settings, TwoPhase};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [t, order, stock] = [0, 1, 2].map(NodeId);
    let names = Names::new(["T", "order", "stock"], ["ann"]);
    let config = Settings::new(t, [order, stock]).build()?;
    let mut world = Setup::<TwoPhase>::new("two-phase", names, config).traced().start_under(Safety::default());

    let change = |row, by| Change { row: Row::from(row), by };
    let changes = BTreeMap::from([(order, change("orders", 1)), (stock, change("apples", -3))]);
    world.inject_request(ClientId(0), t, Command::Transact { changes })?;
    world.run_for(Duration::from_millis(1))?;

    world.note("T crashes before its decision is on disk. Both have voted yes, and their inquiries get no answer.");
    world.inject(Fault::Crash { node: t, point: CrashPoint::BeforePersist { kept: 0 } })?;
    world.run_for(Duration::from_millis(100))?;
    let locked = world.machine(stock).and_then(|machine| machine.holder(&Row::from("apples")));
    println!("After 100 ms the apples are locked by transaction {}.", locked.ok_or("they are free")?);

    world.note("T is back. It has no record of the transaction: it was aborted.");
    world.inject(Fault::Restart(t))?;
    world.run_for(Duration::from_millis(60))?;
    let locked = world.machine(stock).and_then(|machine| machine.holder(&Row::from("apples")));
    println!("60 ms after its restart they are {}.\n", if locked.is_some() { "still locked" } else { "free" });

    let document = world.recording().expect("the run is traced").document();
    print!("{}", render::lanes(&document, Options { why: true, ..Options::default() })?);
    Ok(())
}
