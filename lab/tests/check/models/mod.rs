//! Specifications of Leslie Lamport's as models: for this checker, and without a change for Stateright.

pub mod paxos;
pub mod two_phase;

pub use paxos::Paxos;
pub use two_phase::TwoPhase;
