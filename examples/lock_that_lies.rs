//! A distributed lock that lies: A checks that it holds the lock, is paused for longer than its
//! key lives, and writes over what B, the next holder, has written. No lock that expires prevents
//! that.
//!
//! Run with `cargo run --example lock_that_lies`.

use quorate::lab::sim::{Fault, Setup};
use quorate::lab::trace::render::{self, Options};
use quorate::locks::invariants::invariants;
use quorate::locks::{Command, Guard, Lock, Recipe, Settings};
use quorate::protocol::{ClientId, Duration, Names, NodeId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [r, a, b, s] = [0, 1, 2, 3].map(NodeId);
    let ms = Duration::from_millis;
    let usual = Settings::new(Recipe::SetNxPx, [r], [a, b], Some(ms(10_000)));
    let config = Settings { resource: Some(s), guard: Guard::Unguarded, work: ms(5), ..usual }.build()?;
    let names = Names::new(["R", "A", "B", "S"], ["ann"]);
    let mut world = Setup::<Lock>::new("lock", names, config).traced().start_under(invariants());
    let ann = ClientId(0);

    world.note("A holds the lock, begins to work, and is paused.");
    world.inject_request(ann, a, Command::Try)?;
    world.run_for(ms(10))?;
    world.inject_request(ann, a, Command::Write { value: "by A".into() })?;
    world.inject(Fault::Pause(a))?;

    world.note("A's key expires. B takes the lock and writes.");
    world.run_for(ms(11_000))?;
    world.inject_request(ann, b, Command::Try)?;
    world.run_for(ms(10))?;
    world.inject_request(ann, b, Command::Write { value: "by B".into() })?;
    world.run_for(ms(10))?;

    world.note("A goes on. It had checked its lock.");
    world.inject(Fault::Resume(a))?;
    let violation = world.run_for(ms(10)).err().ok_or("the late write did no harm")?;

    let document = world.recording().expect("the run is traced").document();
    print!("{}", render::lanes(&document, Options::default())?);
    println!("\n{}", world.names().scope(|| violation.to_string()));
    println!("S holds {:?}.", world.machine(s).and_then(Lock::value).ok_or("nothing was written")?.as_str());
    Ok(())
}
