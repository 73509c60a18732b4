//! Reproduction of the bugs of the zoo: each is [found](quorate_bugs::Discovery) as its entry says,
//! and the same schedule is replayed under the papers' rules.
//!
//! ```
//! use quorate_harness::reproduce::reproduce;
//!
//! let bug = quorate_bugs::find("skip-phase-1").expect("it is in the zoo");
//! let met = reproduce(bug)?;
//! assert_eq!((met.broken.as_str(), met.length), ("AtMostOneChosen", bug.discovery.length()));
//! assert_eq!((met.by_the_book, met.instead.as_str()), (None, bug.correct_rule));
//! # Ok::<(), quorate_harness::TargetError>(())
//! ```

mod scenario;
mod search;
mod seed;

pub use search::{Shortest, shortest};

use quorate_bugs::{Bug, Discovery};
use quorate_lab::trace::{Document, EventKind, Lane};

use crate::TargetError;
use crate::experiments::RunParameters;
use crate::protocols::{self, Target, Visitor};

/// Outcomes of a schedule with a bug and under the papers' rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reproduction {
    /// Invariant that the bug breaks; for a bug that stops progress, the unreached goal.
    pub broken: String,
    /// Description of the violation, without a full stop.
    pub detail: String,
    /// Schedule in words: each step of a search, the minimised events of a random run, or each
    /// command of a scenario.
    pub schedule: Vec<String>,
    /// Length of the schedule, counted as [`Discovery`] says.
    pub length: usize,
    /// Violation under the papers' rules on the same schedule; `None` if they are right.
    pub by_the_book: Option<String>,
    /// Rule that the papers' rulebook cites where the two runs first differ, or at its end, if it
    /// does less.
    pub instead: String,
}

/// Reproduces a bug as its entry says.
///
/// # Errors
/// If it is not found in that way, or its protocol does not support that way.
pub fn reproduce(bug: &'static Bug) -> Result<Reproduction, TargetError> {
    match bug.discovery {
        Discovery::Search { .. } | Discovery::Stages { .. } => protocols::all()
            .visit_under(bug.protocol.name(), Some(bug.id), BySearch(bug))
            .map_err(TargetError::other)?,
        Discovery::Seed { nodes, seed, faults, .. } => {
            let run = seed::run(nodes, seed, faults)?;
            protocols::all()
                .visit_under(bug.protocol.name(), Some(bug.id), ByChance { bug, run })
                .map_err(TargetError::other)?
        }
        Discovery::Scenario { scenario, .. } => scenario::reproduce(bug, scenario),
    }
}

/// Reproduces a bug in a search.
struct BySearch<'a>(&'a Bug);

impl Visitor for BySearch<'_> {
    type Output = Result<Reproduction, TargetError>;

    fn visit<P: Target>(self) -> Self::Output {
        let BySearch(bug) = self;
        let rules = P::book(bug.id).ok_or("the bug belongs to another protocol")?;
        P::search(rules, search::Reproduce(rules)).ok_or_else(|| format!("there is no search for {}", bug.protocol))?
    }
}

/// Reproduces a bug in a random run.
struct ByChance<'a> {
    bug: &'a Bug,
    run: RunParameters,
}

impl Visitor for ByChance<'_> {
    type Output = Result<Reproduction, TargetError>;

    fn visit<P: Target>(self) -> Self::Output {
        let ByChance { bug, run } = self;
        seed::reproduce::<P>(P::book(bug.id).ok_or("the bug belongs to another protocol")?, &run)
    }
}

/// Returns the first rule of the second trace that is not cited at the same position in the first
/// with the same reason. If the second trace only does less, returns its last rule, by which it
/// waits.
fn instead(with_bug: &Document, by_the_book: &Document) -> String {
    let theirs = rules(with_bug).map(Some).chain(std::iter::repeat(None));
    let parted = rules(by_the_book).zip(theirs).find(|(ours, theirs)| Some(*ours) != *theirs);
    let decisive = parted.map(|(ours, _)| ours).or_else(|| rules(by_the_book).last());
    decisive.map(|(_, rule, _)| rule.to_owned()).unwrap_or_default()
}

fn rules(document: &Document) -> impl Iterator<Item = (Option<Lane>, &str, &str)> {
    document.events.iter().filter_map(|event| match &event.what {
        EventKind::Rule { rule, why } => Some((event.lane, rule.as_str(), why.as_str())),
        _ => None,
    })
}
