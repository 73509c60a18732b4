//! Discrete-event simulator: whole clusters in one thread, in virtual time, under faults of
//! networks, clocks and machines.
//!
//! A [`Setup`] names the nodes and clients, and starts a [`World`]. The world handles one event of
//! its queue after the other; nothing waits in real time, so an hour of a cluster takes seconds.
//! All random numbers come from one seed: the same seed gives the same trace, byte by byte, on
//! every platform.
//!
//! A [`Fault`] is a crash (at one of the three moments within a step, or between steps), a restart,
//! a wiped disk, a pause, a partition, a one-way cut, or a clock that drifts or jumps. The
//! [`Conditions`] of the network are loss, duplication, latency and extra delays. Clients have
//! lanes of their own: they send requests, wait, retry and give up.
//!
//! An [`Experiment`] is a random run as a value: a [`FaultPlan`] plans its faults, and a failing
//! one [shrinks](Experiment::shrink) to the few faults, requests and message faults that make it
//! fail.
//!
//! [`Invariant`](quorate_protocol::Invariant)s are checked after every step. The first
//! [`Violation`] ends the run.

mod client;
mod core;
mod coverage;
mod event_queue;
mod experiment;
mod faults;
mod forge;
mod forge_error;
mod host;
mod inbox;
mod inspect;
mod manual;
mod message_fault;
mod network;
mod queues;
mod run_error;
mod seals;
mod setup;
mod shrink;
mod sooner;
mod step;
mod timers;
mod under_way;
mod world;

pub use coverage::Coverage;
pub use experiment::{ClientRequest, Experiment, RunOutcome, RunVerdict};
pub use forge::Lie;
pub use forge_error::ForgeError;
pub use manual::HeldMessage;
pub use message_fault::{MessageFault, MessageFaultKind};
pub use network::{ClientInFlight, ClientMessage, Delivery, InFlight};
pub use run_error::{RunError, Violation};
pub use setup::Setup;
pub use shrink::Shrunk;
pub use under_way::{UnderWay, UnderWayContent};
pub use world::World;

// Re-exports of the environment, for users of the simulator alone.
pub use crate::env::duration;
pub use crate::env::{
    BadCondition, ClientStats, Conditions, CrashPoint, Fault, FaultPlan, InjectError, Latency, Ppm, RetryPolicy, Rng,
    Status,
};
