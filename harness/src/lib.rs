//! Integration harness: protocols and tools together.
//!
//! The protocol crates do not depend on the tools, nor the tools on the protocols. This crate
//! connects them for everything that needs both: the command line, the exercises, cross-crate
//! tests, and experiments of your own.
//!
//! | module | contents |
//! |---|---|
//! | [`protocols`] | adapters from each protocol to the scenario language |
//! | [`catalogue`] | built-in scenarios |
//! | [`by_name`] | protocols of the list without their types, for random runs, searches and threads |
//! | [`experiments`] | random runs of each protocol under faults |
//! | [`live`] | nodes and client requests of each protocol on threads |
//! | [`checks`] | exhaustive searches of each protocol, and of each bug |
//! | [`reproduce`] | the bugs of the zoo, reproduced, and the same schedules under the papers' rules |
//! | [`export`] | export of counterexamples as scenarios that can be committed |
//! | [`stamps`] | stamps of logical clocks on the messages of any run |
//!
//! # Example
//!
//! A scenario that comes with Quorate, run and compared with its recorded output:
//!
//! ```
//! use quorate_harness::{catalogue, protocols};
//! use quorate_lab::script::{RunOptions, run_scenario};
//!
//! let scenario = catalogue::find("two-proposers").expect("it is in the catalogue");
//! let run = run_scenario(scenario.text(), &protocols::registry(), RunOptions::default())?;
//! assert!(run.difference.is_none() && run.expectations > 0);
//! # Ok::<(), Box<quorate_lab::script::ScenarioFailure>>(())
//! ```

#[cfg(feature = "by-name")]
pub mod by_name;
pub mod catalogue;
pub mod checks;
mod error;
pub mod experiments;
pub mod export;
pub mod live;
pub mod protocols;
#[cfg(feature = "by-name")]
pub mod reproduce;
pub mod stamps;

pub use error::TargetError;
