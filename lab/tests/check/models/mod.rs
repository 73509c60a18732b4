//! Lamport's specifications as models. The benchmarks give the same ones to Stateright.

pub mod paxos;
pub mod two_phase;

pub use paxos::Paxos;
pub use two_phase::TwoPhase;
