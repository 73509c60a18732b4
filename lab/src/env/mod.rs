//! The environment of a node, the same for every driver.
//!
//! The simulator, the checker and the threads differ in how they make time pass. The faults and the
//! network around a node are the same for all of them, and are defined here:
//!
//! | | |
//! |---|---|
//! | [`Deployment`] | the nodes, their configuration and rules, and their initial disks |
//! | [`Fault`], [`InjectError`] | faults, and reasons why one is refused |
//! | [`FaultPlan`] | a random plan of faults |
//! | [`CrashPoint`] | the moment of a crash within a step, and which effects survive |
//! | [`Status`] | the status of a node: up, paused or down |
//! | [`Conditions`], [`Latency`], [`Ppm`] | links that lose, duplicate and delay messages |
//! | [`Queue`], [`QueueOf`] | queues of links and nodes, in which messages wait |
//! | [`RetryPolicy`], [`Timeouts`] | retry policies of clients |
//! | [`ClientStats`] | counts of a client's requests |
//! | [`Rng`] | random numbers that are the same on every platform |
//! | [`duration`], [`BadCondition`] | parsing of settings |
//!
//! Clocks with drift and jumps, and the cuts of links, are private to this crate.

mod client_stats;
mod clock;
mod conditions;
mod crash;
mod deployment;
mod fault;
mod fault_plan;
mod inject_error;
mod links;
mod queue;
mod retry;
mod rng;
mod setting;
mod status;

pub use client_stats::ClientStats;
pub use conditions::{Conditions, Latency, Ppm};
pub use crash::CrashPoint;
pub use deployment::Deployment;
pub use fault::Fault;
pub use fault_plan::FaultPlan;
pub use inject_error::InjectError;
pub use queue::{Queue, QueueOf};
pub use retry::{RetryPolicy, Timeouts};
pub use rng::Rng;
pub use setting::{BadCondition, duration};
pub use status::Status;

pub(crate) use clock::{DRIFT_RANGE, HostClock};
pub(crate) use crash::Survival;
pub(crate) use deployment::cluster_setters;
pub(crate) use inject_error::REQUEST_NUMBER_MAX;
pub(crate) use links::{Draw, Links};
