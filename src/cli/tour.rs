//! `quorate` without arguments: the two-proposer run of Paxos, and suggested commands.

use quorate::catalogue;
use quorate::lab::script::{self, RunOptions};
use quorate::protocols;

use super::failure::Failure;
use super::output::Output;
use super::showing::{Showing, View};

const NEXT: &[(&str, &str)] = &[
    ("quorate run two-proposers", "the same run with a column for each node"),
    ("quorate run duelling-proposers --why", "two proposers block each other until they back off"),
    ("quorate list", "list all scenarios; each is a text file that you can change and run"),
    ("quorate sim paxos --faults harsh", "a thousand random runs under loss, crashes and partitions"),
    ("quorate --help", "all commands"),
];

/// Location of the explanation of the signs in traces.
const NOTATION: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "#notation");

pub(crate) fn tour(output: &mut Output) -> Result<(), Failure> {
    let scenario = catalogue::find("two-proposers").map_err(Failure::broke)?;
    let run_result = script::run_scenario(scenario.text(), &protocols::registry(), RunOptions::default())
        .map_err(|failure| Failure::broke(format_args!("{}: {failure}", scenario.path())))?;

    output.prose(
        "This is a run of Basic Paxos, made just now: every line is an event, and every `because` cites the rule of the paper that caused it, with the values that it was applied to.",
    )?;
    output.line("")?;
    for paragraph in script::story(scenario.text()).split("\n\n") {
        output.prose(&paragraph.replace('\n', " "))?;
        output.line("")?;
    }
    output.trace(&run_result.document, &Showing::reasons(View::Log))?;
    output.line("")?;
    output.line(format_args!("What 2.A, persists and fact mean: {NOTATION}"))?;
    output.line("")?;
    output.line("Next steps (in a clone, write `cargo run --` instead of `quorate`):")?;
    output.line("")?;
    let widest = NEXT.iter().map(|(command, _)| command.len()).max().unwrap_or_default();
    for (command, says) in NEXT {
        output.entry(command, widest, says)?;
    }
    Ok(())
}
