//! A flash cut between the monitor Q and the primary A, twice: to a monitor that goes by heartbeats, and to one that leases.
//!
//! Run with `cargo run --example lease_dual_primary`.

use quorate::lab::sim::{Fault, Halt, Setup, World};
use quorate::lab::trace::render::{self, Options};
use quorate::lease::invariants::{Safety, invariants};
use quorate::lease::{ByTheBook, Command, Drift, Lease, LeaseRule, Rulebook, Settings, Standing, Terms};
use quorate::protocol::{ClientId, Duration, Names, NodeId, Ruling, Time};

/// The naive monitor: who is not heard is dead, it thinks, and another may be primary. One method is all the difference.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct HeartbeatOnly;

impl Rulebook for HeartbeatOnly {
    fn grants(&self, standing: Standing, asks: NodeId) -> Ruling<LeaseRule> {
        ByTheBook.grants(Standing { ended: standing.ended || standing.suspected, ..standing }, asks)
    }
}

/// The world after a run, and how the run ended.
type End<R> = (World<Lease<R>, Safety>, Result<(), Halt>);

/// The same schedule for both: the link between Q and A is cut at 3.5 s, and both A and B are asked to act every half a second.
fn flash_cut<R: Rulebook>() -> Result<End<R>, Box<dyn std::error::Error>> {
    let [q, a, b] = [0, 1, 2].map(NodeId);
    let second = Duration::from_secs(1);
    let longest = Terms::longest(10 * second, Drift::from_ppm(200)?)?;
    let terms = Terms::new(10 * second, longest.holder(), second, longest.drift())?;
    let config = Settings::new(q, [a, b], terms).build()?;
    let names = Names::new(["Q", "A", "B"], ["ann", "bob"]);
    let mut world = Setup::<Lease<R>>::new("lease", names, config).traced().start_under(invariants());
    world.run_until(Time::from_millis(3_500))?;
    let mut run = || {
        world.inject(Fault::Partition(vec![vec![a]]))?;
        while world.now() < Time::from_millis(16_000) {
            world.run_for(second / 2)?;
            world.prompt(ClientId(0), a, Command::Act)?;
            world.prompt(ClientId(1), b, Command::Act)?;
        }
        Ok(())
    };
    let end = run();
    Ok((world, end))
}

/// Prints who was answered what, and how it ended.
fn report<R: Rulebook>(title: &str, (world, end): End<R>) -> Result<(), render::TooNarrow> {
    println!("{title}\n");
    let mut document = world.recording().expect("the run is traced").document();
    // The heartbeats of the other seconds look just the same.
    document.events.retain(|event| {
        let millis = event.at.as_nanos() / 1_000_000;
        millis < 3 || (3_500..3_502).contains(&millis) || (6_500..7_010).contains(&millis) || millis > 12_990
    });
    print!("{}", render::lanes(&document, Options::default())?);
    match end {
        Ok(()) => println!("\nUntil {} every invariant held.\n", world.now()),
        Err(halt) => println!("\n{}\n", world.names().scope(|| halt.to_string())),
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    report("A monitor that goes by heartbeats:", flash_cut::<HeartbeatOnly>()?)?;
    report("A monitor that leases:", flash_cut::<ByTheBook>()?)?;
    Ok(())
}
