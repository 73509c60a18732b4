//! Command-line parsing and dispatch.

mod bug;
mod bugs;
mod check;
mod diff;
mod export_scenario;
mod failure;
mod interrupt;
mod learn;
mod list;
mod live;
mod log;
mod new_protocol;
mod output;
mod pictures;
mod protocol;
mod run;
mod sim;
mod sinks;
mod tla;
mod tour;
mod view;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;
use interrupt::Interrupt;
use output::Output;

/// See, break and build consensus: run Paxos, Raft and leases as message traces in which every step
/// cites the rule and the paper behind it
#[derive(Parser, Debug)]
#[command(name = "quorate", version, about, long_about = None)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List the scenarios, with one line each
    List,
    /// Run a scenario and show its trace
    Run(run::Arguments),
    /// Simulate random runs under faults, and check every invariant after every step
    Sim(sim::Arguments),
    /// Run the same state machines on threads, in real time
    Live(live::Arguments),
    /// Model-check a protocol: search every schedule within bounds for the shortest that breaks an
    /// invariant
    Check(check::Arguments),
    /// List the zoo of known bugs, or reproduce one; each breaks one rule of a protocol
    Bugs(bugs::Arguments),
    /// Compare two traces: show the first event that differs, and its rule
    Diff(diff::Arguments),
    /// Learn by exercises, graded automatically, with a diagram of every failure
    Learn(learn::Arguments),
    /// Create a crate with a protocol to adapt: rules, tests, a scenario
    NewProtocol(new_protocol::Arguments),
    /// Show a saved trace, or one written by another program
    View(view::Arguments),
}

/// Executes the command line. The exit status is 0, 1 (a property was violated), 2 (invalid usage
/// or input), or 130 and 143 (interrupted by SIGINT or SIGTERM).
pub(crate) fn main() -> ExitCode {
    let mut output = Output::stdout();
    let result = match Arguments::try_parse() {
        Ok(Arguments { command }) => log::begin().and_then(|()| dispatch(command, &mut output)),
        Err(usage) if usage.use_stderr() => usage.exit(),
        Err(help) => output.help(&help),
    };
    match result.and_then(|()| output.flush().map_err(Failure::from)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn dispatch(command: Option<Command>, output: &mut Output) -> Result<(), Failure> {
    match command {
        None => tour::tour(output),
        Some(Command::List) => list::list(output),
        Some(Command::Run(arguments)) => run::run(&arguments, output),
        Some(Command::Sim(arguments)) => sim::sim(&arguments, &Interrupt::listen()?, output),
        Some(Command::Live(arguments)) => live::live(&arguments, &Interrupt::listen()?, output),
        Some(Command::Check(arguments)) => check::check(&arguments, &Interrupt::listen()?, output),
        Some(Command::Diff(arguments)) => diff::diff(&arguments, output),
        Some(Command::Bugs(arguments)) => bugs::bugs(&arguments, output),
        Some(Command::Learn(arguments)) => learn::learn(&arguments, output),
        Some(Command::NewProtocol(arguments)) => new_protocol::new_protocol(&arguments, output),
        Some(Command::View(arguments)) => view::view(&arguments, output),
    }
}
