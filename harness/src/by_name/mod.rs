//! Protocols of the list by name, without their types.
//!
//! Simulator, search and threads are generic over machines, so every crate that calls them for all
//! protocols would compile all of them once more. The functions here are compiled in this crate
//! alone; their results are trait objects and plain data.
//!
//! ```
//! use quorate_harness::by_name;
//! use quorate_harness::experiments::RunParameters;
//! use quorate_lab::Stop;
//!
//! let simulated = by_name::simulated("paxos", quorate_bugs::find("own-value"))?;
//! let run = RunParameters { nodes: 3, seed: 0, fault_plan: "harsh".parse()?, span: std::time::Duration::from_secs(3) };
//! let summary = simulated.plan(&run)?.run_unless(&Stop::new()).expect("nobody stops it");
//! assert!(matches!(summary.verdict, quorate_lab::sim::RunVerdict::Broke(_)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "live")]
mod live;
mod search;
mod simulation;

use std::error::Error;
use std::fmt;

use quorate_bugs::{Bug, NamedRulebook};
use quorate_lab::script::Protocol;

#[cfg(feature = "live")]
pub use live::{EndedRun, LiveOptions, LiveProtocol, LiveRun, Piece};
pub use search::{ByTheBook, ClusterSearch, Counterexample, SearchLimits, SearchOutcome, Searchable};
pub use simulation::{PlannedRun, RunSummary, ShrunkRun, Simulated, TracedRun};

use crate::protocols::{self, Target, TargetRulebook, UnknownProtocol, Visitor};

/// Error: there is no such protocol, or it cannot be had like this.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ByNameError {
    /// There is no protocol of that name.
    Unknown(UnknownProtocol),
    /// The bug belongs to another protocol.
    OtherProtocol {
        /// The bug.
        bug: &'static Bug,
        /// The protocol that was asked for.
        protocol: &'static str,
    },
    /// No search is declared for the protocol.
    NoSearch {
        /// The protocol.
        protocol: &'static str,
    },
}

impl fmt::Display for ByNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ByNameError::Unknown(error) => error.fmt(f),
            ByNameError::OtherProtocol { bug, protocol } => {
                write!(f, "'{}' is a bug of {}, not of {protocol}", bug.id, bug.protocol)
            }
            ByNameError::NoSearch { protocol } => write!(f, "there is no search for {protocol}"),
        }
    }
}

impl Error for ByNameError {}

/// Returns the protocol of that name for random runs, under the papers' rulebook or with a bug.
///
/// # Errors
/// If there is no such protocol, or the bug belongs to another one.
pub fn simulated(name: &str, bug: Option<&'static Bug>) -> Result<Box<dyn Simulated>, ByNameError> {
    visit(name, bug, simulation::Choose(bug))
}

/// Returns the protocol of that name for exhaustive searches: the search that exposes the bug or,
/// without one, that of the papers' rulebook.
///
/// # Errors
/// If there is no such protocol, no search of it is declared, or the bug belongs to another one.
pub fn searched(name: &str, bug: Option<&'static Bug>) -> Result<Box<dyn Searchable>, ByNameError> {
    visit(name, bug, search::Choose(bug))
}

/// Returns the protocol of that name for runs on threads.
///
/// # Errors
/// If there is no such protocol.
#[cfg(feature = "live")]
pub fn live(name: &str) -> Result<Box<dyn LiveProtocol>, ByNameError> {
    visit(name, None, live::Choose)
}

fn visit<T>(
    name: &str,
    bug: Option<&'static Bug>,
    visitor: impl Visitor<Output = Result<T, ByNameError>>,
) -> Result<T, ByNameError> {
    protocols::all().visit_under(name, bug.map(|bug| bug.id), visitor).map_err(ByNameError::Unknown)?
}

/// Returns the rulebook of a protocol with that bug, or the papers'.
fn rulebook<P: Target>(bug: Option<&'static Bug>) -> Result<NamedRulebook<TargetRulebook<P>>, ByNameError> {
    let Some(bug) = bug else { return Ok(NamedRulebook::default()) };
    P::book(bug.id).ok_or(ByNameError::OtherProtocol { bug, protocol: <P as Protocol>::NAME })
}
