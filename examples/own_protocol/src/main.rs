//! One run of the protocol, drawn with a column for each node and the rule behind every step.
//!
//! `--html FILE` saves it as an interactive page as well.

#[path = "lib.rs"]
#[allow(dead_code, unused_imports, reason = "as a crate of its own this is its library")]
mod own_protocol;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use quorate::lab::sim::{CrashPoint, Fault};
use quorate::lab::trace::render::{Options, lanes};
use quorate::lab::trace::{Document, html};
use quorate::protocol::{ClientId, Duration};

use own_protocol::{Atomicity, COORDINATOR, Command, setup};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let page = match arguments.as_slice() {
        [] => None,
        [option, file] if option == "--html" => Some(PathBuf::from(file)),
        other => {
            eprintln!("error: '{}' is not understood; use no argument, or --html FILE", other.join(" "));
            return ExitCode::from(2);
        }
    };
    match draw(page) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn draw(page: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    let document = run()?;
    print!("{}", lanes(&document, Options { why: true, ..Options::default() })?);
    if let Some(file) = page {
        fs::write(&file, html::page(&document)?)
            .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
        println!("\nThe page is in {}.", file.display());
    }
    Ok(())
}

/// A transaction that commits, and one that waits for a coordinator that is down.
fn run() -> Result<Document, Box<dyn Error>> {
    let client = ClientId(0);
    let title = "Two-phase commit: a decision, and participants in doubt";
    let setup = setup(&["ann", "bob"], &["client"]).title(title).traced();
    let mut world = setup.start_under(Atomicity::default());
    world.ask(client, None, Command::Commit);
    world.run_for(Duration::from_millis(10))?;
    world.note("Again; but the coordinator crashes while the votes are in flight. No other node may decide.");
    world.ask(client, None, Command::Commit);
    world.run_for(Duration::from_micros(2_500))?;
    world.inject(Fault::Crash { node: COORDINATOR, point: CrashPoint::BetweenSteps })?;
    world.run_for(Duration::from_millis(70))?;
    world.note("It restarts without the votes, which were in memory alone: the transaction is aborted.");
    world.inject(Fault::Restart(COORDINATOR))?;
    world.run_for(Duration::from_millis(60))?;
    Ok(world.recording().ok_or("the run is not traced")?.document())
}
