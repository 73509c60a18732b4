//! The environment of a node, the same for every driver.
//!
//! The simulator, the checker and the threads differ in how they make time pass. The faults and the
//! network around a node are the same for all of them, and are defined here:
//!
//! | | |
//! |---|---|
//! | [`Deployment`] | the nodes, their configuration and rules, and their initial disks |
//! | [`Fault`], [`Misfit`] | faults, and reasons why one is refused |
//! | [`Storm`] | a random plan of faults |
//! | [`CrashMoment`] | the moment of a crash within a step, and which effects survive |
//! | [`Status`] | the status of a node: up, paused or down |
//! | [`Conditions`], [`Latency`], [`Ppm`] | links that lose, duplicate and delay messages |
//! | [`Patience`], [`Timeouts`] | retry policies of clients |
//! | [`Dice`] | random numbers that are the same on every platform |
//! | [`duration`], [`BadCondition`] | parsing of settings |
//!
//! Clocks with drift and jumps, and the cuts of links, are private to this crate.

mod clock;
mod conditions;
mod crash;
mod deployment;
mod dice;
mod fault;
mod links;
mod misfit;
mod retry;
mod setting;
mod status;
mod storm;

pub use conditions::{Conditions, Latency, Ppm};
pub use crash::CrashMoment;
pub use deployment::Deployment;
pub use dice::Dice;
pub use fault::Fault;
pub use misfit::Misfit;
pub use retry::{Patience, Timeouts};
pub use setting::{BadCondition, duration};
pub use status::Status;
pub use storm::Storm;

pub(crate) use clock::{DRIFT_RANGE, HostClock};
pub(crate) use crash::Survival;
pub(crate) use links::{Draw, Links};
pub(crate) use misfit::TICKET_MAX;
