//! Quorate teaches consensus by letting people *see* it, *break* it and *build* it.
//!
//! This package is the front door: it re-exports the crates below and holds what needs several of them. The protocol crates
//! themselves depend on the contract alone, so each can be imported by itself.
//!
//! | module | what it holds |
//! |---|---|
//! | [`protocol`] | the contract: pure machines, effects with reasons, rules, invariants |
//! | [`paxos`] | Basic Paxos and Multi-Paxos |
//! | [`raft`] | Raft, from elections to linearizable reads |
//! | [`lease`] | leases: one granter, a majority, caches, fences, and leases on Raft |
//! | [`bugs`] | the zoo: known bugs, each a rulebook that departs from its paper in one method |
//! | [`lab`] | the instruments: the simulator, traces, drawings; more by features |
//!
//! These are all that `default-features = false` brings. Features add instruments to [`lab`] (`check`, `html`,
//! `linearizability`, `live`, `script`, `tracing`), and modules here; `cli`, the default, is all of them and the program.
//!
//! | feature | module | what it holds |
//! |---|---|---|
//! | `workshop` | `protocols` | the list of protocols, and what the scenario language knows of each |
//! | | `catalogue` | the scenarios that come with Quorate |
//! | | `experiments` | random runs of each protocol under faults |
//! | | `live` | what each protocol runs as on threads |
//! | | `checks` | exhaustive searches of each protocol, and of each bug |
//! | | `sightings` | the bugs of the zoo, met, and the same schedule by the book |
//! | | `found` | what these find, as scenarios that can be committed |
//! | `exercises` | `exercises` | a course that grades itself |

pub use quorate_bugs as bugs;
#[cfg(feature = "exercises")]
pub use quorate_exercises as exercises;
pub use quorate_lab as lab;
pub use quorate_lease as lease;
pub use quorate_paxos as paxos;
pub use quorate_protocol as protocol;
pub use quorate_raft as raft;
#[cfg(feature = "workshop")]
pub use quorate_workshop::{catalogue, checks, experiments, found, live, protocols, sightings};

/// Compiles and runs the examples of the README.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
struct Readme;
