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
//! | [`experiments`] | random runs of each protocol under faults |
//! | [`live`] | nodes and client requests of each protocol on threads |
//! | [`checks`] | exhaustive searches of each protocol, and of each bug |
//! | [`reproduce`] | the bugs of the zoo, reproduced, and the same schedules under the papers' rules |
//! | [`export`] | export of counterexamples as scenarios that can be committed |

pub mod catalogue;
pub mod checks;
pub mod experiments;
pub mod export;
pub mod live;
pub mod protocols;
pub mod reproduce;
