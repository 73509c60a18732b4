//! Specifications of Leslie Lamport's as models (the benchmarks give the same ones to Stateright).

pub mod paxos;
pub mod two_phase;

pub use paxos::Paxos;
pub use two_phase::TwoPhase;
