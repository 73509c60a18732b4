//! Two primaries (split brain): a short link failure between the monitor Q and the primary A, once
//! with a monitor based on heartbeats, and once with leases.
//!
//! Run with `cargo run --example lease_dual_primary`.

use quorate::lab::sim::{Fault, RunError, Setup, World};
use quorate::lab::trace::render::{self, Options};
use quorate::lease::invariants::{Safety, invariants};
use quorate::lease::{BY_THE_BOOK, Command, Drift, Lease, LeaseState, Rulebook, Settings, Terms};
use quorate::protocol::{ClientId, Duration, Names, NodeId, Time};

/// Naive monitor: it considers a silent node dead, and appoints another primary. One decision is
/// the whole difference.
const HEARTBEAT_ONLY: Rulebook = Rulebook {
    grants: |standing, asks| {
        BY_THE_BOOK.grants(LeaseState { ended: standing.ended || standing.suspected, ..standing }, asks)
    },
    ..BY_THE_BOOK
};

/// Final state of a run, and its outcome.
type End = (World<Lease, Safety>, Result<(), RunError>);

/// Runs the same schedule under either rulebook: the link between Q and A is cut at 3.5 s, and A
/// and B are both asked to act every half second.
fn flash_cut(rules: Rulebook) -> Result<End, Box<dyn std::error::Error>> {
    let [q, a, b] = [0, 1, 2].map(NodeId);
    let second = Duration::from_secs(1);
    let longest = Terms::longest(10 * second, Drift::from_ppm(200)?)?;
    let terms = Terms::new(10 * second, longest.holder(), second, longest.drift())?;
    let config = Settings::new(q, [a, b], terms).build()?;
    let names = Names::new(["Q", "A", "B"], ["ann", "bob"]);
    let mut world = Setup::<Lease>::new("lease", names, config).under(rules).traced().start_under(invariants());
    world.run_until(Time::from_millis(3_500))?;
    let mut run = || {
        world.inject(Fault::Partition(vec![vec![a]]))?;
        while world.now() < Time::from_millis(16_000) {
            world.run_for(second / 2)?;
            world.inject_request(ClientId(0), a, Command::Act)?;
            world.inject_request(ClientId(1), b, Command::Act)?;
        }
        Ok(())
    };
    let end = run();
    Ok((world, end))
}

/// Prints the requests, the replies and the outcome.
fn report(title: &str, (world, end): End) -> Result<(), render::TooNarrow> {
    println!("{title}\n");
    let mut document = world.recording().expect("the run is traced").document();
    // The heartbeats of the other seconds look the same.
    document.events.retain(|event| {
        let millis = event.at.as_nanos() / 1_000_000;
        millis < 3 || (3_500..3_502).contains(&millis) || (6_500..7_010).contains(&millis) || millis > 12_990
    });
    print!("{}", render::lanes(&document, Options::default())?);
    match end {
        Ok(()) => println!("\nEvery invariant held until {}.\n", world.now()),
        Err(halt) => println!("\n{}\n", world.names().scope(|| halt.to_string())),
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    report("A monitor that relies on heartbeats:", flash_cut(HEARTBEAT_ONLY)?)?;
    report("A monitor that grants leases:", flash_cut(BY_THE_BOOK)?)?;
    Ok(())
}
