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
#[path = "../crew/mod.rs"]
mod crew;
#[path = "../error.rs"]
mod error;
#[path = "../host.rs"]
mod host;
#[path = "../identity.rs"]
mod identity;
#[path = "../mail.rs"]
mod mail;
#[path = "../manifest.rs"]
mod manifest;
#[path = "../merge.rs"]
mod merge;
#[path = "../node/mod.rs"]
mod node;
#[path = "../requests.rs"]
mod requests;
#[path = "../satchel.rs"]
mod satchel;
#[path = "../setup.rs"]
mod setup;
#[path = "../storage.rs"]
mod storage;
#[path = "../storage_error.rs"]
mod storage_error;
#[path = "../tape.rs"]
mod tape;
mod tests;
mod threads;
mod till;
#[path = "../timers.rs"]
mod timers;
#[path = "../wait.rs"]
mod wait;
#[path = "../wal/mod.rs"]
mod wal;
#[path = "../weather.rs"]
mod weather;
#[path = "../wire.rs"]
mod wire;

pub use client::{Client, ClientTally};
pub use cluster::{Cluster, Failed, Report};
pub use crew::FaultError;
pub use error::{AskError, Failure, FailureCause};
pub use host::NodeTally;
pub use identity::{ClusterId, Identity, Past, REQUESTS_PER_RUN, Run};
pub use setup::Setup;
pub use storage::{Memory, Storage};
pub use storage_error::{Belonging, Loss, StorageError};
pub use wal::Wal;
