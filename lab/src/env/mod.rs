//! The environment: the world around a node, the same for every driver.
//!
//! The simulator, the checker and the threads differ in how they make time pass. What can happen to
//! a node in the meantime is the same for all of them, and stands here, below them:
//!
//! | | |
//! |---|---|
//! | [`Deployment`] | the nodes, what they go by, and what is on their disks at first |
//! | [`Fault`], [`Misfit`] | what can go wrong, and why it cannot just now |
//! | [`Storm`] | a random plan of faults |
//! | [`CrashMoment`] | when a crash strikes within a step, and how much of the step it leaves |
//! | [`Status`] | whether a node runs |
//! | [`Conditions`], [`Latency`], [`Ppm`] | links that lose, repeat and delay messages |
//! | [`Patience`], [`Timeouts`] | when clients ask again, and when they give up |
//! | [`Dice`] | random numbers that are the same everywhere |
//! | [`duration`], [`BadCondition`] | settings as people write them |
//!
//! Clocks that drift and jump, and links that are cut, are here, too, for this crate alone.

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
