//! The simulator: whole clusters in one thread, in virtual time, under every fault that networks, clocks and machines are known for.
//!
//! A [`Setup`] names the nodes and clients, and starts a [`World`]. The world keeps an agenda of what is due and does one
//! thing after the other; nothing waits in truth, so an hour of a cluster's life takes seconds. All that is left to
//! chance comes from one seed: same seed, same bytes of trace, on every platform.
//!
//! What can go wrong is a [`Fault`]: crashes at the three moments that matter, restarts, wiped disks, pauses, partitions,
//! one-way cuts, clocks that drift and jump. What the network does by itself are its [`Conditions`]: loss, repetition, latency,
//! stragglers. Clients are lanes of their own: they ask, wait, ask again and give up.
//!
//! A random run as a value is an [`Experiment`]: a [`Storm`] plans its faults, and one that fails [shrinks](Experiment::shrink)
//! to the few faults, requests and mishaps that make it fail.
//!
//! [`Invariant`](quorate_protocol::Invariant)s are judged after every step. The first [`Violation`] ends the run.

mod agenda;
mod befall;
mod by_hand;
mod census;
mod client;
mod core;
mod experiment;
mod halt;
mod host;
mod inspect;
mod network;
mod setup;
mod shrink;
mod step;
mod timers;
mod world;

pub use by_hand::Waiting;
pub use census::Census;
pub use client::Tally;
pub use experiment::{Asking, Experiment, Outcome, Verdict};
pub use halt::{Halt, Violation};
pub use network::{Fate, Mishap, MishapKind, Passing};
pub use setup::Setup;
pub use shrink::Shrunk;
pub use world::World;

// The environment, for those who only simulate.
pub use crate::env::duration;
pub use crate::env::{
    BadCondition, Conditions, CrashMoment, Dice, Fault, Latency, Misfit, Patience, Ppm, Status, Storm,
};
