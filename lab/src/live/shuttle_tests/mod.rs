//! Shuttle tests: the files of [`live`](super), compiled a second time over threads whose
//! interleavings a scheduler chooses.
//!
//! The hand-written synchronization here, besides channels, is small: a flag for each node that is
//! up, shared link conditions, a lock around each node's thread, the order in which a node that
//! ends closes, discards its output and notifies its clients. Such code easily works by accident on
//! the machine at hand. So [`threads`] is exchanged for [shuttle](https://docs.rs/shuttle)'s locks,
//! atomics and threads, with channels and a clock on top of them, and [`tests`] runs whole
//! clusters, with crashes, restarts, pauses and shut-downs at every moment, through thousands of
//! schedules. A schedule in which all threads wait for each other (a deadlock) fails the test.

#[path = "../admission.rs"]
mod admission;
#[path = "../client.rs"]
mod client;
#[path = "../cluster.rs"]
mod cluster;
#[path = "../error.rs"]
mod error;
#[path = "../host.rs"]
mod host;
#[path = "../identity.rs"]
mod identity;
#[path = "../links.rs"]
mod links;
#[path = "../manifest.rs"]
mod manifest;
#[path = "../merge.rs"]
mod merge;
#[path = "../node/mod.rs"]
mod node;
#[path = "../node_threads/mod.rs"]
mod node_threads;
#[path = "../outgoing.rs"]
mod outgoing;
mod register;
#[path = "../request_batch.rs"]
mod request_batch;
#[path = "../requests.rs"]
mod requests;
#[path = "../setup.rs"]
mod setup;
#[path = "../storage.rs"]
mod storage;
#[path = "../storage_error.rs"]
mod storage_error;
mod tests;
#[path = "../thread_trace.rs"]
mod thread_trace;
mod threads;
#[path = "../timers.rs"]
mod timers;
#[path = "../wait.rs"]
mod wait;
#[path = "../wal/mod.rs"]
mod wal;
#[path = "../wire.rs"]
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
