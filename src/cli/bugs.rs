//! `quorate bugs`: the zoo, and the story of a bug.

use clap::Args;
use quorate::bugs::{self, Bug, Protocol};
use quorate::lease::LeaseRule;
use quorate::lease::replicated::ReplicatedRule;
use quorate::paxos::PaxosRule;
use quorate::protocol::Rule;
use quorate::raft::RaftRule;

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
    screen.line(format_args!("the book   goes by {}", cited(bug)))?;
    screen.line("")?;
    screen.line(format_args!("Meet it:   quorate {}", bug.found.command(bug)))
}

/// The rule that the book goes by where the bug does not, with its place in the paper.
fn cited(bug: &Bug) -> String {
    let cite = match bug.protocol {
        Protocol::Paxos | Protocol::MultiPaxos => cite::<PaxosRule>(bug.instead),
        Protocol::Raft => cite::<RaftRule>(bug.instead),
        Protocol::RaftLease => cite::<ReplicatedRule>(bug.instead),
        Protocol::Lease | Protocol::MajorityLease | Protocol::FencedStore | Protocol::CacheLease => {
            cite::<LeaseRule>(bug.instead)
        }
    };
    cite.map_or_else(|| bug.instead.to_owned(), |cite| format!("{} ({cite})", bug.instead))
}

fn cite<R: Rule>(id: &str) -> Option<&'static str> {
    R::ALL.iter().find(|rule| rule.id() == id).map(|rule| rule.cite())
}
