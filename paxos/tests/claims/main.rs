//! One test per claim of the papers, stepped by hand, and random runs with every invariant checked.

mod cluster;
mod flexible;
mod learning;
mod multi;
mod phase_1;
mod phase_2;
mod progress;
mod random;
mod restart;
mod roles;
mod rulebooks;
mod slots;
mod wire;
