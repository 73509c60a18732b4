//! `quorate bugs`: the zoo of known bugs, and the demonstration of a single bug.

use clap::Args;
use quorate::bugs::{self, Bug, Discovery, ProtocolId};
use quorate::reproduce::{Reproduction, reproduce};

use super::bug::find;
use super::failure::Failure;
use super::output::Output;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The bug to explain and reproduce; without an id, list all bugs
    #[arg(value_name = "ID", value_parser = find)]
    bug: Option<&'static Bug>,
}

pub(crate) fn bugs(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    match arguments.bug {
        None => list(output),
        Some(bug) => tell(bug, output),
    }
}

fn list(output: &mut Output) -> Result<(), Failure> {
    let widest = bugs::all().map(|bug| bug.id.len()).max().unwrap_or_default();
    for protocol in ProtocolId::ALL {
        output.line(protocol)?;
        for bug in protocol.bugs() {
            output.entry(bug.id, widest, bug.summary)?;
        }
        output.line("")?;
    }
    output.line("`quorate bugs ID` explains a bug and reproduces it.")
}

fn tell(bug: &'static Bug, output: &mut Output) -> Result<(), Failure> {
    output.line(format_args!("{} (a bug of {})", bug.id, bug.protocol))?;
    output.line("")?;
    output.prose(bug.summary)?;
    output.prose(bug.story)?;
    output.line("")?;
    for (name, text) in [
        ("source", bug.source.to_string()),
        ("overrides", format!("Rulebook::{}", bug.rule)),
        ("breaks", bug.breaks.to_string()),
        ("needs", bug.needs.to_string()),
        ("found", bug.discovery.to_string()),
    ] {
        output.entry(name, "overrides".len(), &text)?;
    }
    output.line("")?;
    output.line(format_args!("Reproduce: quorate {}", bug.discovery.command(bug)))?;
    output.line("")?;
    show(bug, &reproduce(bug).map_err(Failure::broke)?, output)
}

/// Shows the schedule just reproduced, and the result of the same schedule under the correct
/// rulebook.
fn show(bug: &Bug, met: &Reproduction, output: &mut Output) -> Result<(), Failure> {
    output.line(match bug.discovery {
        Discovery::Search { .. } | Discovery::Stages { .. } => "The schedule, step by step:",
        Discovery::Seed { .. } => "The necessary requests and faults:",
        Discovery::Scenario { .. } => "The commands of the scenario up to the failure:",
    })?;
    let width = met.schedule.len().to_string().len();
    for (number, line) in (1..).zip(&met.schedule) {
        output.entry(format_args!("{number:width$}"), width, line)?;
    }
    output.line("")?;
    output.prose(&format!("Result: {}.", met.detail))?;
    let (says, cite) = bug.by_the_book().unwrap_or_default();
    output.prose(&format!(
        "Under the correct rulebook the same schedule breaks nothing. The rule that prevents it: {says} ({}, {cite}).",
        met.instead
    ))
}
