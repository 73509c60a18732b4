//! The protocols, as scenario files and the command line know them.
//!
//! Each file here adapts one protocol to the scenario language: the roles that a `cluster` line names, what
//! clients may ask for, and what may be claimed about a run.

pub mod lease;
mod multi_paxos;
mod paxos;
mod raft;
mod roles;
mod written;

pub use lease::{LeaseCacheScript, LeaseMajorityScript, LeaseRaftScript, LeaseScript, LeaseStoreScript};
pub use multi_paxos::MultiPaxosScript;
pub use paxos::PaxosScript;
pub use raft::RaftScript;
pub use written::Written;
pub(crate) use written::governed;

use quorate_lab::script::Repertoire;

/// Every protocol of this crate, by the book unless the cluster line names a bug of the [zoo](quorate_bugs): `rules=figure-8`.
///
/// ```
/// use quorate_lab::script::{Staging, perform};
///
/// let scenario = "# Three nodes\n\ncluster paxos nodes=3\npropose n1 blue\nrun\nexpect chosen blue\n";
/// let performance = perform(scenario, &quorate_workshop::protocols::repertoire(), Staging::default())?;
/// assert!(performance.text.contains("fact Chosen: ballot 1.n1, value blue"));
/// # Ok::<(), Box<quorate_lab::script::Failure>>(())
/// ```
pub fn repertoire() -> Repertoire {
    lease::all(Repertoire::new().with::<PaxosScript>().with::<MultiPaxosScript>().with::<RaftScript>())
}

/// The facts of a protocol that another fact implies: renderings can do without them.
pub fn implied(protocol: &str) -> &'static [&'static str] {
    repertoire().entries().iter().find(|entry| entry.name == protocol).map_or(&[], |entry| entry.implied)
}
