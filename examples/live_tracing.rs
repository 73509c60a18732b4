//! Observability of a cluster on threads: events through `tracing`, filtered by `RUST_LOG`, and its
//! own trace with the reasons.
//!
//! Run with `RUST_LOG=quorate::raft=debug cargo run --example live_tracing`; `info` shows facts,
//! `debug` rules, `trace` every message.

use quorate::lab::live::Setup;
use quorate::lab::trace::render;
use quorate::protocol::Names;
use quorate::raft::{Add, Command, Counter, Raft, Settings};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let filter: Targets = std::env::var("RUST_LOG").as_deref().unwrap_or("quorate=info").parse()?;
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .with(filter)
        .init();

    let names = Names::new(["n1", "n2", "n3"], ["ann"]);
    let config = Settings::nodes(3).build()?;
    let cluster = Setup::<Raft<Counter>>::new("raft", names, config).title("one addition").traced().start()?;
    let mut ann = cluster.client();
    let sum = ann.ask(Command::Apply(Add(5)))?;
    println!("ann gets the reply {sum:?}\n");

    let trace = cluster.shutdown()?.recording.ok_or("the run was traced")?.document();
    print!("{}", render::log(&trace, render::Options { why: true, ..render::Options::default() }));
    Ok(())
}
