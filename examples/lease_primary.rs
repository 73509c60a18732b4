//! Primary election with leases: A requests a lease from Q and is primary, renews it, is cut off,
//! and stops by itself; then B is granted the lease.
//!
//! Run with `cargo run --example lease_primary`.

use quorate::lab::sim::{Fault, Setup};
use quorate::lab::trace::render::{self, Options};
use quorate::lease::invariants::invariants;
use quorate::lease::{Command, Drift, Lease, Settings, Terms};
use quorate::protocol::{ClientId, Duration, Names, NodeId, Time};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [q, a, b] = [0, 1, 2].map(NodeId);
    let ann = ClientId(0);

    // Q's grants bind it for 10 s. Clocks are accurate within 200 ppm, so A and B may hold for
    // 9.996 s at most, counted from their request.
    let (drift, ms) = (Drift::from_ppm(200)?, Duration::from_millis);
    let longest = Terms::longest(ms(10_000), drift)?;
    let terms = Terms::new(ms(10_000), longest.holder(), ms(4_000), drift)?;
    let config = Settings::new(q, [a, b], terms).build()?;

    // The invariants use the simulator's true time, which no node knows.
    let names = Names::new(["Q", "A", "B"], ["ann"]);
    let mut world = Setup::<Lease>::new("lease", names, config).traced().start_under(invariants());

    world.note("The first node to ask becomes primary. Each node also gets a lease to serve.");
    world.run_until(Time::from_millis(5_000))?;
    world.inject_request(ann, a, Command::Act)?;

    world.note("A is cut off. No other node can end its lease, and it continues to act until its term is over.");
    world.inject(Fault::Partition(vec![vec![a]]))?;
    world.run_until(Time::from_millis(13_500))?;
    world.inject_request(ann, a, Command::Act)?;
    world.inject_request(ann, b, Command::Act)?;

    world.note(
        "10 s after Q's last grant to A, Q grants to B. A has stopped a little earlier, without receiving any message.",
    );
    world.run_until(Time::from_millis(14_600))?;
    world.inject_request(ann, a, Command::Act)?;
    world.inject_request(ann, b, Command::Act)?;

    let document = world.recording().expect("the run is traced").document();
    print!("{}", render::lanes(&document, Options { why: true, ..Options::default() })?);

    println!("\nAnn asked A, then A and B, then A and B again:");
    for (ticket, reply) in world.answers(ann) {
        println!("  {ticket}: {reply:?}");
    }
    Ok(())
}
