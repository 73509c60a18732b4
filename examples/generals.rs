//! The Byzantine generals: three, of whom one is a traitor, disagree; four bear him. Both are the
//! same program, OM(1), with the same traitor (Lamport, Shostak and Pease 1982).
//!
//! Run with `cargo run --example generals`.

use quorate::byzantine::generals::{Command, General, Lie, Order, Safety, Settings};
use quorate::lab::sim::{Setup, World};
use quorate::lab::trace::render::{self, Options};
use quorate::protocol::{ClientId, Duration, Names, NodeId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for generals in [3, 4] {
        play(generals)?;
    }
    Ok(())
}

/// The commander orders to attack, and the last lieutenant says that he got the other order.
fn play(generals: u32) -> Result<(), Box<dyn std::error::Error>> {
    let traitor = NodeId(generals - 1);
    let lieutenants = (1..generals).map(|number| format!("L{number}"));
    let names = Names::new(["C".to_owned()].into_iter().chain(lieutenants), ["king"]);
    let config = Settings::new((0..generals).map(NodeId), 1).build()?;
    let setup = Setup::<General>::new("generals", names, config.clone());
    let mut world: World<General, Safety> =
        setup.configure(traitor, config.lying(Lie::SaysOther)).traced().start_under(Safety::default());

    world.note(&format!("{generals} generals: C is loyal, and L{} a traitor.", traitor.0));
    world.inject_request(ClientId(0), NodeId(0), Command::Give { order: Order::Attack })?;
    let ran = world.run_for(Duration::from_millis(200));

    let document = world.recording().ok_or("the run has no trace")?.document();
    print!("{}", render::lanes(&document, Options::default())?);
    match ran {
        Ok(()) => println!("\n{generals} generals: every loyal lieutenant obeys the commander.\n"),
        Err(violation) => {
            let said = world.names().scope(|| violation.to_string());
            println!("\n{generals} generals: {said}.\n");
        }
    }
    Ok(())
}
