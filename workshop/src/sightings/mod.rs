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

use quorate_bugs::{Bug, Found, Protocol, lease, paxos, raft};
use quorate_lab::trace::{Document, Lane, What};

use crate::checks::{Ballots, FencedStores, Leases, MajorityLeases, RaftLeases, Reigns, Terms};
use crate::experiments::{
    LeaseCacheRuns, LeaseMajorityRuns, LeaseRaftRuns, LeaseRuns, LeaseStoreRuns, MultiPaxosRuns, PaxosRuns, RaftRuns,
};

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
        Found::Search { .. } | Found::Stages { .. } => searched(bug),
        Found::Seed { nodes, seed, faults, .. } => {
            let (paxos, raft, lease) =
                (paxos::Book::named(bug.id), raft::Book::named(bug.id), lease::Book::named(bug.id));
            let run = seed::run(nodes, seed, faults)?;
            match bug.protocol {
                Protocol::Paxos => seed::meet::<PaxosRuns>(paxos, &run),
                Protocol::MultiPaxos => seed::meet::<MultiPaxosRuns>(paxos, &run),
                Protocol::Raft => seed::meet::<RaftRuns>(raft, &run),
                Protocol::Lease => seed::meet::<LeaseRuns>(lease, &run),
                Protocol::MajorityLease => seed::meet::<LeaseMajorityRuns>(lease, &run),
                Protocol::FencedStore => seed::meet::<LeaseStoreRuns>(lease, &run),
                Protocol::CacheLease => seed::meet::<LeaseCacheRuns>(lease, &run),
                Protocol::RaftLease => seed::meet::<LeaseRaftRuns>(lease, &run),
            }
        }
        Found::Story { scenario, .. } => story::meet(bug.id, scenario),
    }
}

fn searched(bug: &Bug) -> Result<Met, Box<dyn Error>> {
    let unsearched = || format!("{} is not searched", bug.protocol);
    let (raft, lease) = (raft::Book::named(bug.id), lease::Book::named(bug.id));
    match bug.protocol {
        Protocol::Paxos => search::meet::<Ballots>(paxos::Book::named(bug.id).ok_or_else(unsearched)?),
        Protocol::Raft => match raft.ok_or_else(unsearched)? {
            rules if Reigns::shows(rules) => search::meet::<Reigns>(rules),
            rules => search::meet::<Terms>(rules),
        },
        Protocol::Lease => search::meet::<Leases>(lease.ok_or_else(unsearched)?),
        Protocol::MajorityLease => search::meet::<MajorityLeases>(lease.ok_or_else(unsearched)?),
        Protocol::FencedStore => search::meet::<FencedStores>(lease.ok_or_else(unsearched)?),
        Protocol::RaftLease => search::meet::<RaftLeases>(lease.ok_or_else(unsearched)?),
        Protocol::MultiPaxos | Protocol::CacheLease => Err(unsearched().into()),
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
