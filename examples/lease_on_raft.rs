//! Leases as a library: a lease table replicated by Raft. It survives the crash of its leader,
//! notifies watchers when a lease changes hands, and its leader serves reads locally.
//!
//! Run with `cargo run --example lease_on_raft`.

use quorate::lab::sim::{CrashPoint, Fault, Setup};
use quorate::lab::trace::render::{self, Options};
use quorate::lease::invariants::AtMostOnePrimary;
use quorate::lease::replicated::{Command, NoStaleRead, RaftLease, Settings};
use quorate::lease::{Drift, Name, Terms};
use quorate::protocol::{ClientId, Duration, Names, NodeId};
use quorate::raft;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [a, b] = [3, 4].map(NodeId);
    let ann = ClientId(0);
    let (ms, drift) = (Duration::from_millis, Drift::from_ppm(200)?);
    let settings = Settings {
        servers: raft::Settings::nodes(3),
        holders: vec![a, b],
        // Term of a lease in the table, and term of the leader lease.
        terms: Terms::longest(ms(1_000), drift)?,
        trust: Terms::longest(ms(150), drift)?,
        act_every: None,
    };
    let names = Names::new(["n1", "n2", "n3", "A", "B"], ["ann"]);
    let setup = Setup::<RaftLease>::new("lease-on-raft", names, settings.build()?).traced();
    let mut world = setup.start_under((AtMostOnePrimary::default(), NoStaleRead::default()));
    let lease = || Name::from("printer");

    world.run_for(ms(500))?;
    world.inject_request(ann, b, Command::Watch { lease: lease() })?;
    world.inject_request(ann, a, Command::Acquire { lease: lease() })?;
    world.run_for(ms(100))?;
    world.inject_request(ann, a, Command::Act { lease: lease() })?;

    let first = world.leader().ok_or("nobody leads after half a second")?;
    world.note("The leader crashes. The table survives, and the next leader gives every lease a full term before it lets one expire.");
    world.inject(Fault::Crash { node: first, point: CrashPoint::BetweenSteps })?;
    // B repeats its watch request: it goes from server to server until it reaches the new leader.
    world.inject_request(ann, b, Command::Watch { lease: lease() })?;
    world.run_for(ms(900))?;
    world.inject_request(ann, a, Command::Act { lease: lease() })?;
    let handed_over = world.now();

    world.note("A releases the printer. B, which watches it, is notified; it asks for the lease, and gets it at once.");
    world.inject_request(ann, a, Command::Release { lease: lease() })?;
    world.run_for(ms(10))?;
    world.inject_request(ann, b, Command::Acquire { lease: lease() })?;
    world.run_for(ms(10))?;
    world.inject_request(ann, b, Command::Act { lease: lease() })?;
    let second = world.leader().ok_or("nobody leads any more")?;
    world.inject_request(ann, second, Command::Query { lease: lease() })?;

    let mut document = world.recording().expect("the run is traced").document();
    document.events.retain(|event| event.at >= handed_over);
    print!("{}", render::lanes(&document, Options::default())?);
    println!("\nReplies to Ann:");
    world.names().scope(|| world.answers(ann).iter().for_each(|(ticket, reply)| println!("  {ticket}: {reply:?}")));
    Ok(())
}
