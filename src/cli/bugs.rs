//! `quorate bugs`: the zoo, and the story of a bug.

use clap::Args;
use quorate::bugs::{self, Bug, Protocol};
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
    let mut protocol: Option<Protocol> = None;
    for bug in bugs::all() {
        // Bugs of one protocol stand together; a lease of another kind is named in its line's heading.
        if protocol != Some(bug.protocol) {
            if protocol.is_some() {
                screen.line("")?;
            }
            protocol = Some(bug.protocol);
            screen.line(bug.protocol)?;
        }
        screen.line(format_args!("  {:widest$}  {}", bug.id, bug.says))?;
    }
    screen.line("")?;
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

/// The schedule that was found just now, and what the book makes of it.
fn show(bug: &Bug, met: &Met, screen: &mut Screen) -> Result<(), Failure> {
    screen.line("What happens:")?;
    let width = met.schedule.len().to_string().len();
    for (number, line) in (1..).zip(&met.schedule) {
        screen.line(format_args!("  {number:width$}  {line}"))?;
    }
    screen.line("")?;
    screen.prose(&format!("So it comes to this: {}.", met.broken))?;
    let (says, cite) = bug.by_the_book().unwrap_or_default();
    screen.prose(&format!(
        "By the book the same schedule breaks nothing. The rule that it goes by: {says} ({}, {cite}).",
        met.instead
    ))
}
