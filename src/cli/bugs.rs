//! `quorate bugs`: the zoo of known bugs, and the demonstration of a single bug.

use clap::Args;
use quorate::bugs::{self, Bug, Found, Protocol};
use quorate::sightings::{Met, meet};

use super::bug::find;
use super::failure::Failure;
use super::screen::Screen;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Tell the story of this one
    #[arg(value_name = "ID", value_parser = find)]
    bug: Option<&'static Bug>,
}

pub(crate) fn bugs(arguments: &Arguments, screen: &mut Screen) -> Result<(), Failure> {
    match arguments.bug {
        None => list(screen),
        Some(bug) => tell(bug, screen),
    }
}

fn list(screen: &mut Screen) -> Result<(), Failure> {
    let widest = bugs::all().map(|bug| bug.id.len()).max().unwrap_or_default();
    for protocol in Protocol::ALL {
        screen.line(protocol)?;
        for bug in protocol.bugs() {
            screen.line(format_args!("  {:widest$}  {}", bug.id, bug.says))?;
        }
        screen.line("")?;
    }
    screen.line("Hear the story of one, and how to meet it, with `quorate bugs ID`.")
}

fn tell(bug: &Bug, screen: &mut Screen) -> Result<(), Failure> {
    screen.line(format_args!("{} (a bug of {})", bug.id, bug.protocol))?;
    screen.line("")?;
    screen.prose(bug.says)?;
    screen.prose(bug.story)?;
    screen.line("")?;
    screen.line(format_args!("source     {}", bug.source))?;
    screen.line(format_args!("overrides  Rulebook::{}", bug.rule))?;
    screen.line(format_args!("breaks     {}", bug.breaks))?;
    screen.line(format_args!("takes      {}", bug.needs))?;
    screen.line(format_args!("found      {}", bug.found))?;
    screen.line("")?;
    screen.line(format_args!("See it:    quorate {}", bug.found.command(bug)))?;
    screen.line("")?;
    show(bug, &meet(bug).map_err(Failure::broke)?, screen)
}

/// Shows the schedule just reproduced, and the result of the same schedule under the correct
/// rulebook.
fn show(bug: &Bug, met: &Met, screen: &mut Screen) -> Result<(), Failure> {
    screen.line(match bug.found {
        Found::Search { .. } | Found::Stages { .. } => "What happens, step by step:",
        Found::Seed { .. } => "What must happen, besides what the nodes do by themselves:",
        Found::Story { .. } => "What the story makes happen, up to there:",
    })?;
    let width = met.schedule.len().to_string().len();
    for (number, line) in (1..).zip(&met.schedule) {
        screen.line(format_args!("  {number:width$}  {line}"))?;
    }
    screen.line("")?;
    screen.prose(&format!("So it comes to this: {}.", met.detail))?;
    let (says, cite) = bug.by_the_book().unwrap_or_default();
    screen.prose(&format!(
        "By the book the same schedule breaks nothing. The rule that it goes by: {says} ({}, {cite}).",
        met.instead
    ))
}
