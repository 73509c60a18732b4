//! Quorate teaches consensus by letting people *see* it, *break* it and *build* it.
//!
//! This package is the entry point: it re-exports the crates below and holds code that needs
//! several of them. The protocol crates themselves depend only on the contract, so each can be used
//! alone.
//!
//! | module | what it holds |
//! |---|---|
//! | [`protocol`] | the contract: pure machines, effects with reasons, rules, invariants |
//! | [`paxos`] | Basic Paxos and Multi-Paxos |
//! | [`raft`] | Raft, from elections to linearizable reads |
//! | [`lease`] | leases: one granter, a majority, caches, fences, and leases on Raft |
//! | [`bugs`] | the zoo: known bugs, each a rulebook that departs from its paper in one method |
//! | [`lab`] | the tools: the simulator, traces, drawings; more by features |
//!
//! These are all the modules with `default-features = false`. Features add tools to [`lab`]
//! (`check`, `html`, `linearizability`, `live`, `script`, `tracing`), and modules here; `cli`, the
//! default, enables all of them and builds the program.
//!
//! | feature | module | what it holds |
//! |---|---|---|
//! | `harness` | `protocols` | the list of protocols, and the scenario language for each |
//! | | `catalogue` | the scenarios that come with Quorate |
//! | | `experiments` | random runs of each protocol under faults |
//! | | `live` | the configuration of each protocol on threads |
//! | | `checks` | exhaustive searches of each protocol, and of each bug |
//! | | `reproduce` | reproduction of the zoo's bugs, and the same schedule under the correct rulebook |
//! | | `export` | export of these findings as scenarios that can be committed |
//! | `exercises` | `exercises` | a course that grades itself |

pub use quorate_bugs as bugs;
#[cfg(feature = "exercises")]
pub use quorate_exercises as exercises;
#[cfg(feature = "harness")]
pub use quorate_harness::{catalogue, checks, experiments, export, live, protocols, reproduce};
pub use quorate_lab as lab;
pub use quorate_lease as lease;
pub use quorate_paxos as paxos;
pub use quorate_protocol as protocol;
pub use quorate_raft as raft;

/// Compiles and runs the examples of the README.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
struct Readme;
