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
mod page;
mod pictures;
mod play;
mod protocol;
mod run;
mod shell;
mod showing;
mod sim;
mod sinks;
mod stamps;
mod tla;
mod tour;
mod view;
mod wrap;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;
use interrupt::Interrupt;
use output::Output;

/// Appends examples to the help of a subcommand.
macro_rules! examples {
    ($($line:literal)+) => {
        concat!("Examples:", $("\n  ", $line),+)
    };
}

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
    #[command(after_help = examples!("quorate list"))]
    List,
    /// Run a scenario and show its trace
    #[command(after_help = examples!("quorate run figure-8 --why" "quorate run figure-8 --html figure-8.html" "quorate run figure-8 --bug figure-8"))]
    Run(run::Arguments),
    /// Simulate random runs under faults, and check every invariant after every step
    #[command(after_help = examples!("quorate sim raft --faults harsh --seeds 0..100" "quorate sim paxos --seeds 7..8 --trace"))]
    Sim(sim::Arguments),
    /// Run the same state machines on threads, in real time
    #[command(after_help = examples!("quorate live raft --for 300ms --faults mild"))]
    Live(live::Arguments),
    /// Model-check a protocol: search every schedule within bounds for the shortest that breaks an
    /// invariant
    #[command(after_help = examples!("quorate check two-phase" "quorate check paxos --bug own-value"))]
    Check(check::Arguments),
    /// List the zoo of known bugs, or reproduce one; each breaks one rule of a protocol
    #[command(after_help = examples!("quorate bugs" "quorate bugs skip-phase-1"))]
    Bugs(bugs::Arguments),
    /// Compare two traces: show the first event that differs, and its rule
    #[command(after_help = examples!("quorate run figure-8 --jsonl left.jsonl" "quorate run figure-8-committed --jsonl right.jsonl" "quorate diff left.jsonl right.jsonl"))]
    Diff(diff::Arguments),
    /// Learn by exercises, graded automatically, with a diagram of every failure
    #[command(after_help = examples!("quorate learn" "quorate learn show paxos-promise"))]
    Learn(learn::Arguments),
    /// Play with a cluster in the browser: crash nodes, lose messages, go back, break a rule
    #[command(after_help = examples!("quorate play" "quorate play figure-8"))]
    Play(play::Arguments),
    /// Create a crate with a protocol to adapt: rules, tests, a scenario
    #[command(after_help = examples!("quorate new-protocol gossip"))]
    NewProtocol(new_protocol::Arguments),
    /// Show a saved trace, or one written by another program
    #[command(after_help = examples!("quorate run two-proposers --jsonl run.jsonl" "quorate view run.jsonl --why"))]
    View(view::Arguments),
    /// Print the completion script of a shell
    #[command(after_help = examples!("quorate completions bash"))]
    Completions(shell::Arguments),
    /// Print the manual page, for `man -l -`
    #[command(after_help = examples!("quorate man"))]
    Man,
}

/// Executes the command line. The exit status is 0, 1 (a property was violated), 2 (invalid usage
/// or input), or 130 and 143 (interrupted by SIGINT or SIGTERM).
pub(crate) fn main() -> ExitCode {
    let mut output = Output::stdout();
    let result = match Arguments::try_parse() {
        Ok(Arguments { command }) => log::begin().and_then(|()| dispatch(command, &mut output)),
        Err(usage) if usage.use_stderr() => return misused(&usage),
        Err(help) => output.help(&help),
    };
    match result.and_then(|()| output.flush().map_err(Failure::from)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Prints clap's error at the width of the terminal.
fn misused(usage: &clap::Error) -> ExitCode {
    match wrap::error_columns() {
        // Without colours: their codes would count as letters.
        Some(width) => {
            let text = wrap::lines(&usage.render().to_string(), width);
            // If the standard error is closed too, the exit status remains.
            let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
        }
        None => drop(usage.print()),
    }
    ExitCode::from(2)
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
        Some(Command::Play(arguments)) => play::play(&arguments),
        Some(Command::NewProtocol(arguments)) => new_protocol::new_protocol(&arguments, output),
        Some(Command::View(arguments)) => view::view(&arguments, output),
        Some(Command::Completions(arguments)) => shell::completions::<Arguments>(&arguments, output),
        Some(Command::Man) => shell::man::<Arguments>(output),
    }
}
