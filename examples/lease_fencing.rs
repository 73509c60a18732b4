//! Fencing tokens: expiry of a lease stops its holder's new checks, but not a write that is past
//! its check. A checks its lease, is paused, and writes long after B has become primary. A resource
//! that remembers the highest token it has seen rejects the write, because every write carries the
//! token of its grant.
//!
//! Run with `cargo run --example lease_fencing`.

use quorate::lab::sim::{Fault, Setup, World};
use quorate::lab::trace::render::{self, Options};
use quorate::lease::invariants::{Safety, invariants};
use quorate::lease::{BY_THE_BOOK, Command, Drift, Lease, Rulebook, Settings, SingleRule, Terms, Value};
use quorate::protocol::{ClientId, Duration, Names, NodeId, Ruling, Time};

/// A resource that ignores tokens.
const NO_FENCE: Rulebook = Rulebook { admits: |_, _| Ruling::Allow(SingleRule::AcceptWrite), ..BY_THE_BOOK };

const A: NodeId = NodeId(1);
const B: NodeId = NodeId(2);
const S: NodeId = NodeId(3);

/// Pauses A between its check and its write. Returns the end of the run, and prints the violation
/// if there is one.
fn paused_writer(rules: Rulebook) -> Result<World<Lease, Safety>, Box<dyn std::error::Error>> {
    let second = Duration::from_secs(1);
    let terms = Terms::longest(10 * second, Drift::from_ppm(200)?)?;
    let usual = Settings::new(NodeId(0), [A, B], terms);
    let config = Settings { resource: Some(S), work: second / 10, ..usual }.build()?;
    let names = Names::new(["Q", "A", "B", "S"], ["ann", "bob"]);
    let mut world = Setup::<Lease>::new("lease", names, config).under(rules).traced().start_under(invariants());
    let write = |value: &str| Command::Write { value: Value::from(value) };

    world.run_until(Time::from_millis(4_000))?;
    world.inject_request(ClientId(0), A, write("by A"))?;
    world.inject(Fault::Pause(A))?;
    world.run_until(Time::from_millis(16_000))?;
    world.inject_request(ClientId(1), B, write("by B"))?;
    world.run_for(second)?;
    world.inject(Fault::Resume(A))?;
    // With the naive resource the invariant is violated here.
    if let Err(violation) = world.run_for(second / 2) {
        println!("{}\n", world.names().scope(|| violation.to_string()));
    }
    Ok(world)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("Without a fence:\n");
    let naive = paused_writer(NO_FENCE)?;
    println!("S holds {:?}, although B is primary and its write was acknowledged.\n", value(&naive));

    println!("With a fence, from B's write on:\n");
    let fenced = paused_writer(BY_THE_BOOK)?;
    let mut document = fenced.recording().expect("the run is traced").document();
    document.events.retain(|event| event.at >= Time::from_millis(16_000));
    print!("{}", render::log(&document, Options { why: true, ..Options::default() }));
    println!("\nS holds {:?}.", value(&fenced));
    Ok(())
}

fn value(world: &World<Lease, Safety>) -> Option<&str> {
    world.machine(S).and_then(Lease::value).map(Value::as_str)
}
