//! `quorate` without arguments: the two-proposer run of Paxos, and suggested commands.

use quorate::catalogue;
use quorate::lab::script::{self, RunOptions};
use quorate::protocols;

use super::failure::Failure;
use super::output::{Output, Showing, View};

const NEXT: &[(&str, &str)] = &[
    ("quorate run two-proposers", "the same run with a column for each node"),
    ("quorate run duelling-proposers --why", "two proposers keep each other from success, until they back off"),
    ("quorate list", "all scenarios; each is a text file that you can change and run"),
    ("quorate sim paxos --faults harsh", "a thousand random runs under loss, crashes and partitions"),
    ("quorate --help", "everything else"),
];

pub(crate) fn tour(output: &mut Output) -> Result<(), Failure> {
    let scenario = catalogue::find("two-proposers").map_err(Failure::broke)?;
    let run_result = script::run_scenario(scenario.text(), &protocols::registry(), RunOptions::default())
        .map_err(|failure| Failure::broke(format_args!("{}: {failure}", scenario.path())))?;

    output.prose(
        "This is Basic Paxos, run a moment ago by the library in front of you: every line is something that happened, \
         and every `because` names the rule of the paper that made it happen, with the values that it decided on.",
    )?;
    output.line("")?;
    for paragraph in script::story(scenario.text()).split("\n\n") {
        output.prose(&paragraph.replace('\n', " "))?;
        output.line("")?;
    }
    output.trace(&run_result.document, Showing { view: View::Log, why: true })?;
    output.line("")?;
    output.line("What to try next (with `cargo run --` in front, instead of `quorate`, in a clone):")?;
    output.line("")?;
    let widest = NEXT.iter().map(|(command, _)| command.len()).max().unwrap_or_default();
    for (command, says) in NEXT {
        output.line(format_args!("  {command:widest$}  {says}"))?;
    }
    Ok(())
}
