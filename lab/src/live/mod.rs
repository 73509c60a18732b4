//! Live clusters: the machines of the simulator, unchanged, on threads in real time.
//!
//! A [`Setup`] names the nodes and starts a [`Cluster`]: one thread for each node, channels between
//! them, timers on the real clock. [`Client`]s send requests from any thread: they wait, follow
//! redirections and retry with the same ticket. A node's records go to its [`Storage`], in memory
//! or in a [write-ahead log](Wal), before any output of it leaves the node.
//!
//! ```text
//!   Client ──requests───▶ ┌──────── node's thread ────────┐ ──messages──▶ other nodes
//!          ◀──responses── │ drain, step …, sync, speak    │ ◀─messages───
//!                         └───────────────────────────────┘
//! ```
//!
//! Batching needs no delay: a thread that was busy finds more in its inbox, makes it durable with
//! one sync, and sends each receiver one batch. No thread waits for a batch to fill, and idle
//! threads sleep.
//!
//! The faults are those of the [environment](mod@crate::env), at real times: a
//! [`FaultPlan`](crate::env::FaultPlan) plans them, or [`Cluster::inject`] injects them. Each
//! thread records its own [trace](Cluster::trace), and these are merged in causal order. The
//! invariants of the simulator are not checked here, because no thread sees all nodes at one
//! moment. The clients' history can be [checked](crate::linearizability).
//!
//! # Example
//!
//! ```
//! use quorate_lab::live::Setup;
//! use quorate_protocol::Names;
//! use quorate_raft::{Add, Command, Counter, Raft, Reply, Settings};
//!
//! let names = Names::new(["n1", "n2", "n3"], ["ann"]);
//! let cluster = Setup::<Raft<Counter>>::new("raft", names, Settings::nodes(3).build()?).start()?;
//! let mut ann = cluster.client();
//! assert_eq!(ann.ask(Command::Apply(Add(5)))?, Reply::Applied(5));
//! assert_eq!(ann.ask(Command::Apply(Add(2)))?, Reply::Applied(7));
//! let report = cluster.shutdown()?;
//! assert!(report.nodes.iter().all(|node| node.records > 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "this is where machines meet clocks, locks and files"
)]

mod admission;
mod client;
mod cluster;
mod error;
mod host;
mod identity;
mod links;
#[cfg(test)]
mod links_tests;
mod manifest;
mod merge;
mod node;
mod node_threads;
mod outgoing;
mod request_batch;
mod requests;
mod setup;
#[cfg(test)]
pub mod shuttle_tests;
mod storage;
mod storage_error;
mod thread_trace;
mod threads;
mod timers;
mod wait;
mod wal;
mod wire;

pub use crate::env::ClientStats;
pub use client::Client;
pub use cluster::{Cluster, RunReport, ShutdownError};
pub use error::{AskError, FailureCause, NodeFailure};
pub use host::NodeStats;
pub use identity::{ClusterId, Identity, Past, REQUESTS_PER_RUN, RunId};
pub use node_threads::FaultError;
pub use setup::Setup;
pub use storage::{Memory, Storage};
pub use storage_error::{Belonging, LogLoss, StorageError};
pub use wal::Wal;
