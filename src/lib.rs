//! Consensus protocols as pure state machines, and the instruments to see, break and build them.
//!
//! Paxos, Raft and leases are each written once, as a [machine](protocol::Machine) that reads like
//! the paper and does nothing by itself: no clock, no random numbers, no threads. The same machine
//! runs in a seeded [simulator](lab::sim) under every fault, in an exhaustive checker, on threads,
//! and in a browser. Every run leaves a [trace](lab::trace), and every step in it cites the rule of
//! the paper that made it happen.
//!
//! # Example
//!
//! Three nodes of Raft elect a leader, which crashes. The others elect another one:
//!
//! ```
//! use quorate::lab::sim::{CrashPoint, Fault, Setup};
//! use quorate::lab::trace::render::{self, Options};
//! use quorate::protocol::{ClientId, Duration, Names};
//! use quorate::raft::{Add, Command, Counter, Raft, Reply, Settings, invariants};
//!
//! let (names, config) = (Names::new(["ann", "bob", "cat"], ["client"]), Settings::nodes(3).build()?);
//! let setup = Setup::<Raft<Counter>>::new("raft", names, config).seed(7).traced();
//! let mut world = setup.start_under(invariants()); // checked after every step
//! world.run_for(Duration::from_secs(1))?;
//! let first = world.leader().expect("one is elected within a second");
//!
//! world.inject(Fault::Crash { node: first, point: CrashPoint::BetweenSteps })?;
//! world.run_for(Duration::from_secs(1))?;
//! let second = world.leader().expect("the other two elect one");
//! assert_ne!(first, second);
//!
//! let client = ClientId(0);
//! world.ask(client, Some(second), Command::Apply(Add(5)));
//! world.run_for(Duration::from_millis(100))?;
//! assert_eq!(world.answers(client)[0].1, Reply::Applied(5));
//!
//! let trace = world.recording().expect("the run is traced").document();
//! let log = render::log(&trace, Options { why: true, ..Options::default() });
//! assert!(log.contains("because WinElection (Raft §5.2)"), "{log}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to read on
//!
//! | to | read |
//! |---|---|
//! | run a cluster under faults | [`lab::sim`], with [`Setup`](lab::sim::Setup) and [`World`](lab::sim::World) |
//! | draw a run | [`lab::trace::render`] for a terminal, `lab::trace::html` for a page (feature `html`) |
//! | search every schedule | `lab::check` (feature `check`) |
//! | write a protocol | [`protocol`], and the example `own_protocol`; `quorate new-protocol NAME` makes a crate of it |
//! | replace one decision of a paper | [`raft::Rulebook`], [`paxos::Rulebook`], [`lease::Rulebook`] |
//! | see what a broken decision does | [`bugs`] |
//! | run machines on threads, with files | `lab::live` (feature `live`) |
//! | check the answers that clients got | `lab::linearizability` (feature `linearizability`) |
//!
//! # Modules
//!
//! This package re-exports the crates below. The protocol crates depend on [`protocol`] alone, so
//! each can be used without the others.
//!
//! | module | contents |
//! |---|---|
//! | [`protocol`] | the contract: pure machines, effects with reasons, rules, invariants |
//! | [`paxos`] | Basic Paxos and Multi-Paxos |
//! | [`raft`] | Raft, from elections to linearizable reads |
//! | [`lease`] | leases: one granter, a majority, caches, fences, and leases on Raft |
//! | [`locks`] | distributed locks: unique index, SETNX, SET NX PX, Redlock, ZooKeeper, etcd, Chubby, and guarded resources |
//! | [`transactions`] | two-phase and three-phase commit, Paxos Commit, the local message table, and sagas: several nodes change their data together |
//! | [`replication`] | registers under partition, consistent or available: several nodes keep copies of the same data |
//! | [`byzantine`] | oral messages, reliable broadcast, PBFT: agreement among nodes of which some lie |
//! | [`time`] | TrueTime and commit wait, Snowflake ids, a reliable channel: clocks that are wrong, and networks that are late |
//! | [`bugs`] | the zoo: known bugs, each a rulebook that departs from its paper in one decision |
//! | [`lab`] | the instruments: simulator, traces, drawings; more by features |
//!
//! These are all the modules with `default-features = false`. Features add instruments to [`lab`]
//! (`check`, `html`, `linearizability`, `live`, `script`, `tracing`), and modules here; `cli`, the
//! default, enables all of them and builds the program.
//!
//! | feature | module | contents |
//! |---|---|---|
//! | `harness` | `protocols` | the list of protocols, and the scenario language for each |
//! | | `by_name` | protocols of the list without their types |
//! | | `catalogue` | the scenarios that come with Quorate |
//! | | `experiments` | random runs of each protocol under faults |
//! | | `live` | the configuration of each protocol on threads |
//! | | `checks` | exhaustive searches of each protocol, and of each bug |
//! | | `reproduce` | reproduction of the zoo's bugs, and the same schedule under the correct rulebook |
//! | | `export` | export of these findings as scenarios that can be committed |
//! | | `stamps` | stamps of logical clocks on the messages of any run |
//! | `exercises` | `exercises` | a course that grades itself |

pub use quorate_bugs as bugs;
pub use quorate_byzantine as byzantine;
#[cfg(feature = "exercises")]
pub use quorate_exercises as exercises;
#[cfg(feature = "harness")]
pub use quorate_harness::{
    TargetError, by_name, catalogue, checks, experiments, export, live, protocols, reproduce, stamps,
};
pub use quorate_lab as lab;
pub use quorate_lease as lease;
pub use quorate_locks as locks;
pub use quorate_paxos as paxos;
pub use quorate_protocol as protocol;
pub use quorate_raft as raft;
pub use quorate_replication as replication;
pub use quorate_time as time;
pub use quorate_transactions as transactions;

/// Compiles and runs the examples of the page about the library.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../docs/LIBRARY.md")]
struct Library;
