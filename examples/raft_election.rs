//! Leader election in Raft: one election as a message trace, and the duration of a thousand of them
//! (Raft §5.2, §9.3).
//!
//! Run with `cargo run --example raft_election`.

use quorate::lab::sim::{FaultPlan, Setup};
use quorate::lab::trace::render::{self, Options};
use quorate::protocol::{Duration, Names, Time, nanos};
use quorate::raft::{Config, Counter, Raft, Settings, invariants};

/// Time of a cluster's first election; `None` if it takes longer than three seconds.
fn first_leader(config: &Config, seed: u64) -> Option<Duration> {
    let names = Names::new((1..=config.voters.len()).map(|number| format!("n{number}")), [""; 0]);
    let setup = Setup::<Raft<Counter>>::new("raft", names, config.clone()).seed(seed);
    let mut world = setup.conditions(FaultPlan::none().conditions).start_under(invariants());
    let end = Time::from_millis(3_000);
    let waiting = world.run_while(end, |world| world.leader().is_none()).expect("no invariant breaks");
    (!waiting).then(|| world.now().since(Time::ZERO))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Three nodes. The first one to time out requests votes from the others.
    let names = Names::new(["n1", "n2", "n3"], [""; 0]);
    let three = Settings::nodes(3).build()?;
    let mut world = Setup::<Raft<Counter>>::new("raft", names, three).traced().start_under(invariants());
    while world.leader().is_none() {
        world.step()?;
    }
    world.run_for(Duration::from_millis(5))?;
    let trace = world.recording().expect("the run is traced").document();
    print!("{}", render::log(&trace, Options { why: true, ..Options::default() }));

    // A thousand elections with five nodes. A message takes one to five milliseconds, a timeout 150
    // to 300.
    let settings = Settings::nodes(5);
    let timeout = settings.election.end;
    let five = settings.build()?;
    let waits: Vec<Duration> = (0..1_000).filter_map(|seed| first_leader(&five, seed)).collect();
    println!("\nHow long 1,000 healthy clusters of five take to elect their first leader:\n");
    const SLICE: u64 = 50;
    for from in (100..=nanos(*waits.iter().max().ok_or("nobody is ever elected")?) / 1_000_000).step_by(SLICE as usize)
    {
        let slice = Duration::from_millis(from)..Duration::from_millis(from + SLICE);
        let count = waits.iter().filter(|wait| slice.contains(wait)).count();
        println!("{from:>5} to {:>4} ms  {count:>4}  {}", from + SLICE, "#".repeat(count.div_ceil(10)));
    }
    let soon = waits.iter().filter(|wait| **wait <= timeout * 2).count();
    println!("\n{soon} of 1,000 have a leader within two election timeouts of {timeout:?}.");
    Ok(())
}
