//! Commit wait: with it a transaction that begins later has the larger stamp, on whichever server;
//! without it, not (Corbett and others, *Spanner*, 2012, §4.1.2).
//!
//! Run with `cargo run --example commit_wait`.

use quorate::bugs::time::true_time::{NO_WAIT, NamedRulebook};
use quorate::lab::sim::{Fault, RunError, Setup};
use quorate::lab::trace::render::{self, Options};
use quorate::protocol::{ClientId, Duration, Names, NodeId, Time};
use quorate::time::true_time::{Command, ExternalConsistency, Settings, TrueTime};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    play("With commit wait", NamedRulebook::default())?;
    play("Without it", NO_WAIT)
}

/// A cannot reach the masters for 30 s, so its interval is 16 ms wide. Ann commits there, and when
/// she is told, or after 2 ms, Bob commits at B, whose interval is narrow.
fn play(title: &str, book: NamedRulebook) -> Result<(), Box<dyn std::error::Error>> {
    let masters = [0, 1, 2].map(NodeId);
    let [a, b] = [3, 4].map(NodeId);
    let [ann, bob] = [0, 1].map(ClientId);
    let names = Names::new(["M1", "M2", "M3", "A", "B"], ["ann", "bob"]);
    let setup = Setup::<TrueTime>::new("true-time", names, Settings::new(masters).build()?);
    let mut world = setup.under_named(book.id(), book.rules).traced().start_under(ExternalConsistency::default());
    let ms = Duration::from_millis;

    world.run_for(ms(5))?;
    world.inject(Fault::Partition(vec![vec![a], vec![masters[0], masters[1], masters[2], b]]))?;
    world.run_for(Duration::from_secs(30))?;
    world.note(&format!("{title}: the error of A is 8 ms, that of B is 2 ms. Ann commits at A."));
    world.inject_request(ann, a, Command::Commit)?;
    let told = world.now() + ms(50);
    while world.answers(ann).is_empty() && world.now() < told {
        world.run_for(ms(2))?;
    }
    world.note("Ann is told, and tells Bob, who commits at B.");
    let ran = match world.inject_request(bob, b, Command::Commit) {
        Ok(()) => world.run_for(ms(50)),
        Err(RunError::Violation(violation)) => Err(violation),
        Err(refused) => return Err(refused.into()),
    };

    let from = Time::ZERO + Duration::from_secs(30);
    let document = world.recording().ok_or("the run has no trace")?.document();
    print!("{}", render::lanes(&document, Options { from: Some(from), ..Options::default() })?);
    match ran {
        Ok(()) => println!("\n{title}: Bob's stamp is larger than Ann's.\n"),
        Err(violation) => println!("\n{title}: {}.\n", world.names().scope(|| violation.to_string())),
    }
    Ok(())
}
