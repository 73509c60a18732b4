//! The bugs of the zoo, met: each is [found](quorate_bugs::Found) as its entry says, and the same schedule is played by the book.
//!
//! ```
//! use quorate_workshop::sightings::meet;
//!
//! let bug = quorate_bugs::find("skip-phase-1").expect("it is in the zoo");
//! let met = meet(bug)?;
//! assert_eq!((met.broken.as_str(), met.length), ("AtMostOneChosen", bug.found.length()));
//! assert_eq!((met.by_the_book, met.instead.as_str()), (None, bug.instead));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod search;
mod seed;
mod story;

pub use search::{Shortest, shortest};

use std::error::Error;

use quorate_bugs::{Bug, Found};
use quorate_lab::trace::{Document, Lane, What};

use crate::experiments::Run;
use crate::protocols::{self, Target, Visitor};

/// What became of a schedule under a bug, and by the book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Met {
    /// The invariant that the bug breaks; of a bug that stops progress, what is not as it should be.
    pub broken: String,
    /// How it breaks, in a sentence without its full stop.
    pub detail: String,
    /// What had to happen for it, in words: of a search each step, of a random run what was cut down to, of a story each command.
    pub schedule: Vec<String>,
    /// How much that is, counted as [`Found`] says.
    pub length: usize,
    /// What breaks by the book on the same schedule: nothing, if the book is right.
    pub by_the_book: Option<String>,
    /// The rule that the book cites where the two first differ, or at its end, if it does less.
    pub instead: String,
}

/// Finds a bug as its entry says.
///
/// # Errors
/// If it is not found in that way, or there is no such way for its protocol.
pub fn meet(bug: &Bug) -> Result<Met, Box<dyn Error>> {
    match bug.found {
        Found::Search { .. } | Found::Stages { .. } => {
            protocols::all().visit_under(bug.protocol.name(), Some(bug.id), BySearch(bug))?
        }
        Found::Seed { nodes, seed, faults, .. } => {
            let run = seed::run(nodes, seed, faults)?;
            protocols::all().visit_under(bug.protocol.name(), Some(bug.id), ByChance { bug, run })?
        }
        Found::Story { scenario, .. } => story::meet(bug.id, scenario),
    }
}

/// Meets a bug in a search.
struct BySearch<'a>(&'a Bug);

impl Visitor for BySearch<'_> {
    type Output = Result<Met, Box<dyn Error>>;

    fn visit<P: Target>(self) -> Self::Output {
        let BySearch(bug) = self;
        let rules = P::book(bug.id).ok_or("the bug is of another protocol")?;
        P::search(rules, search::Meet(rules)).ok_or_else(|| format!("{} is not searched", bug.protocol))?
    }
}

/// Meets a bug in a random run.
struct ByChance<'a> {
    bug: &'a Bug,
    run: Run,
}

impl Visitor for ByChance<'_> {
    type Output = Result<Met, Box<dyn Error>>;

    fn visit<P: Target>(self) -> Self::Output {
        let ByChance { bug, run } = self;
        seed::meet::<P>(P::book(bug.id).ok_or("the bug is of another protocol")?, &run)
    }
}

/// The first rule of the second trace that is not cited at the same place in the first, for the same reason. Where it only does less,
/// its last one: by that rule it waits.
fn instead(with_bug: &Document, by_the_book: &Document) -> String {
    let theirs = rules(with_bug).map(Some).chain(std::iter::repeat(None));
    let parted = rules(by_the_book).zip(theirs).find(|(ours, theirs)| Some(*ours) != *theirs);
    let decisive = parted.map(|(ours, _)| ours).or_else(|| rules(by_the_book).last());
    decisive.map(|(_, rule, _)| rule.to_owned()).unwrap_or_default()
}

fn rules(document: &Document) -> impl Iterator<Item = (Option<Lane>, &str, &str)> {
    document.events.iter().filter_map(|event| match &event.what {
        What::Rule { rule, why } => Some((event.lane, rule.as_str(), why.as_str())),
        _ => None,
    })
}
